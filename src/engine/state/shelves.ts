/**
 * Keeps things up to a number of bytes, per tenant and in all. When all is taken, the tenant that holds most makes
 * room: what a tenant keeps within an equal part, no other pushes out.
 */
import { type Heaped, LargestFirst } from "./heap.ts";
import { type Link, LinkedList } from "./linked_list.ts";

export interface Shelved<T> extends Link<T> {
  readonly tenantId: string;
  bytes: number;
}

export interface ShelfBounds {
  readonly bytesPerTenant: number;
  /** For all tenants together. */
  readonly bytes: number;
}

interface Shelf<T extends Shelved<T>> extends Heaped {
  /** The next one to drop comes first. */
  readonly items: LinkedList<T>;
}

export class Shelves<T extends Shelved<T>> {
  readonly #bounds: () => ShelfBounds;
  readonly #onDrop: (item: T) => void;
  readonly #shelves = new Map<string, Shelf<T>>();
  /** Callers invent tenants: there may be a shelf for each of a hundred thousand. */
  readonly #bySize = new LargestFirst<Shelf<T>>();
  #bytes = 0;

  /** `bounds` is asked each time; `onDrop` is called for what had to make room. */
  constructor(bounds: () => ShelfBounds, onDrop: (item: T) => void) {
    this.#bounds = bounds;
    this.#onDrop = onDrop;
  }

  get bytes(): number {
    return this.#bytes;
  }

  first(tenantId: string): T | undefined {
    return this.#shelves.get(tenantId)?.items.first;
  }

  tenants(): string[] {
    return [...this.#shelves.keys()];
  }

  /** Appends to the shelf. Anything larger than the limit is dropped at once. */
  add(item: T): void {
    let shelf = this.#shelves.get(item.tenantId);
    if (shelf === undefined) {
      shelf = { items: new LinkedList(), bytes: 0, place: -1 };
      this.#shelves.set(item.tenantId, shelf);
    }
    shelf.items.append(item);
    shelf.bytes += item.bytes;
    this.#bytes += item.bytes;
    this.#bySize.update(shelf);
    const { bytesPerTenant, bytes } = this.#bounds();
    while (shelf.bytes > bytesPerTenant && this.#dropFirst(shelf));
    while (this.#bytes > bytes && this.#dropFirst(this.#largest(shelf)));
  }

  /** Of several, the one that grows. */
  #largest(growing: Shelf<T>): Shelf<T> {
    const { largest = growing } = this.#bySize;
    return growing.bytes === largest.bytes ? growing : largest;
  }

  #dropFirst({ items: { first } }: Shelf<T>): boolean {
    if (first === undefined) return false;
    this.remove(first);
    this.#onDrop(first);
    return true;
  }

  remove(item: T): void {
    const shelf = this.#shelves.get(item.tenantId);
    if (shelf === undefined || !shelf.items.has(item)) return;
    shelf.items.remove(item);
    shelf.bytes -= item.bytes;
    this.#bytes -= item.bytes;
    if (shelf.items.first !== undefined) return this.#bySize.update(shelf);
    this.#shelves.delete(item.tenantId);
    this.#bySize.remove(shelf);
  }
}
