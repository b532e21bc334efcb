/** Who shares the store: each runtime says so every few seconds, in one of several entries, so that none is written too often. */
import type { Clock } from "../../core/clock.ts";
import type { Reach } from "./reach.ts";

const ENTRIES = 16;
const BEAT_MS = 5_000;
/** One that has not said so for so long has gone. */
const GONE_MS = 16_000;
/** The others are counted less often. */
const BEATS_A_LOOK = 3;
const TRIES = 6;

export class Members {
  readonly #id: string;
  readonly #clock: Clock;
  readonly #reach: Reach;
  readonly #random: () => number;
  readonly #entry: string;
  readonly #counts = new Array<number>(ENTRIES).fill(0);
  #timer: unknown;
  #revision: number | undefined;
  #beats = 0;
  #ended = false;

  constructor(id: string, deps: { clock: Clock; reach: Reach; random: () => number }) {
    this.#id = id;
    this.#clock = deps.clock;
    this.#reach = deps.reach;
    this.#random = deps.random;
    let sum = 0;
    for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
    this.#entry = entryName(sum % ENTRIES);
  }

  /** This one included. */
  get count(): number {
    return Math.max(1, this.#counts.reduce((sum, one) => sum + one, 0));
  }

  /** Never rejects. */
  async start(): Promise<void> {
    await this.#beat();
  }

  async leave(): Promise<void> {
    this.#ended = true;
    this.#clock.clearTimeout(this.#timer);
    await this.#write(undefined).catch(() => {});
  }

  async #beat(): Promise<void> {
    try {
      const [from, to] = await this.#write(this.#reach.now() + GONE_MS);
      const all = this.#beats++ % BEATS_A_LOOK === 0;
      for (let at = 0; at < ENTRIES; at++) {
        if (!all && entryName(at) !== this.#entry) continue;
        const name = entryName(at);
        const entry = await this.#reach.ask((store) => store.get("hour", name));
        if (entry !== undefined && name === this.#entry && entry.revision === this.#revision) {
          this.#reach.learnTime(entry.changedAt, from, to);
        }
        this.#counts[at] = Object.keys(this.#living(entry?.value)).length;
      }
    } catch {
      // `reach` knows that the store is away: those who were there last are counted.
    }
    if (this.#ended) return;
    const inMs = BEAT_MS * (0.75 + this.#random() / 2);
    this.#timer = this.#clock.setTimeout(() => void this.#beat(), inMs);
  }

  /** When it was written, by this machine's clock: between which times. */
  async #write(until: number | undefined): Promise<[number, number]> {
    for (let tried = 0; tried < TRIES; tried++) {
      const entry = await this.#reach.ask((store) => store.get("hour", this.#entry));
      const { [this.#id]: _, ...others } = this.#living(entry?.value);
      const value = JSON.stringify(until === undefined ? others : { ...others, [this.#id]: until });
      const from = this.#clock.now();
      this.#revision = await this.#reach.ask((store) =>
        store.put("hour", this.#entry, value, entry?.revision)
      );
      if (this.#revision !== undefined) return [from, this.#clock.now()];
    }
    return [0, 0];
  }

  #living(text: string | undefined): Record<string, number> {
    const now = this.#reach.now();
    const found: Record<string, number> = {};
    try {
      const read: unknown = JSON.parse(text ?? "{}");
      for (const [id, until] of Object.entries(read as object)) {
        // Clocks differ: somebody else's end is believed for twice as long as it can be at most.
        if (typeof until === "number" && until > now && until < now + 2 * GONE_MS) {
          found[id] = until;
        }
      }
    } catch {
      // Not ours.
    }
    return found;
  }
}

function entryName(at: number): string {
  return `members.${at}`;
}
