/** Attributes of metrics whose values callers choose: so many of them, and of such a length, that nobody can make metrics grow. */

const OTHER = "_OTHER";
const MAX_CHARS = 128;

export class FewValues {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is room for it; it is known from then on. */
  has(value: string): boolean {
    if (this.#known.has(value)) return true;
    if (this.#known.size >= this.#most || value.length > MAX_CHARS) return false;
    this.#known.add(value);
    return true;
  }

  /** The value, or `_OTHER`. */
  of(value: string): string {
    return this.has(value) ? value : OTHER;
  }
}

/** As much as a span needs of it. */
export function short(value: string): string {
  return value.length > MAX_CHARS ? `${value.slice(0, MAX_CHARS - 1)}…` : value;
}
