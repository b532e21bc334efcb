/** Breakers that are open, of all runtimes with the same store: what one has found out, the others need not. */
import { hashText } from "../state/hash.ts";
import type { Reach } from "./reach.ts";

const ENTRY = "breakers";
const TRIES = 8;
/** Of more than this at once, the rest is not told. */
const MOST = 1_000;
/** For how long others are believed at most. */
const LONGEST_MS = 86_400_000;

export class BreakerBoard {
  readonly #reach: Reach;
  readonly #salt: () => string;
  /** Until when, by the store's clock, by hash. */
  #open: ReadonlyMap<string, number> = new Map();
  #writing: Promise<void> = Promise.resolve();

  constructor(reach: Reach, salt: () => string) {
    this.#reach = reach;
    this.#salt = salt;
  }

  /** What the store's watch brings. */
  read(text: string): void {
    this.#open = parse(text);
  }

  /** For how long another runtime keeps this one open, ms; 0: not at all. */
  openForMs(tenantId: string, origin: string): number {
    if (this.#open.size === 0) return 0;
    const until = this.#open.get(this.#hash(tenantId, origin));
    if (until === undefined) return 0;
    const forMs = until - this.#reach.now();
    return forMs > LONGEST_MS ? 0 : Math.max(0, forMs);
  }

  /** Tells the others; 0: it is closed again. What cannot be written is not told. */
  tell(tenantId: string, origin: string, forMs: number): void {
    const hash = this.#hash(tenantId, origin);
    const until = forMs === 0 ? undefined : this.#reach.now() + forMs;
    this.#writing = this.#writing.then(() => this.#write(hash, until)).catch(() => {});
  }

  async #write(hash: string, until: number | undefined): Promise<void> {
    for (let tried = 0; tried < TRIES; tried++) {
      const entry = await this.#reach.ask((store) => store.get("hour", ENTRY));
      const now = this.#reach.now();
      const open = new Map(
        [...parse(entry?.value)].filter(([, end]) => end > now && end - now <= LONGEST_MS),
      );
      if (until !== undefined && open.size < MOST) open.set(hash, until);
      else if (until !== undefined || !open.delete(hash)) return;
      const value = JSON.stringify(Object.fromEntries(open));
      const done = await this.#reach.ask((store) =>
        store.put("hour", ENTRY, value, entry?.revision)
      );
      if (done === undefined) continue;
      this.#open = open;
      return;
    }
  }

  #hash(tenantId: string, origin: string): string {
    return hashText(`${this.#salt()}\n${tenantId}\n${origin}`);
  }
}

function parse(text: string | undefined): Map<string, number> {
  try {
    const read = Object.entries(JSON.parse(text ?? "{}") as object);
    return new Map(read.filter((one): one is [string, number] => typeof one[1] === "number"));
  } catch {
    return new Map();
  }
}
