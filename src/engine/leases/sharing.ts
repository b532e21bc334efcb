/** Everything that a runtime shares with others: one for a process, whichever engine is in force. */
import { type Clock, systemClock } from "../../core/clock.ts";
import type { SharedRates } from "../limits/supply.ts";
import { BreakerBoard } from "./breaker_board.ts";
import { Members } from "./members.ts";
import { Reach } from "./reach.ts";
import { SharedLimits } from "./shared_limits.ts";
import { SharedQuotas } from "./shared_quotas.ts";
import type { SharedStore } from "./shared_store.ts";

export interface SharingOptions {
  readonly store: SharedStore;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** How long rate limits go on while the store is away, each runtime with its part, ms. Default: 600,000. */
  readonly maxAwayMs?: number;
  readonly onChange?: (away: boolean) => void;
}

export interface SharingFigures {
  /** Runtimes that share, this one included. */
  readonly members: number;
  readonly leases: number;
  /** Another runtime was faster, and it was tried again. */
  readonly conflicts: number;
  /** Since when the store is away, ms; 0: it is there. */
  readonly awayMs: number;
}

export class Sharing {
  readonly rates: SharedRates;
  readonly quotas: SharedQuotas;
  readonly breakers: BreakerBoard;
  readonly #store: SharedStore;
  readonly #reach: Reach;
  readonly #members: Members;
  readonly #limits: SharedLimits;
  #salt: string = crypto.randomUUID();
  /** The salt is the store's, and not only this runtime's. */
  #salted = false;
  #unwatch: (() => void) | undefined;
  #unwatchPolicy: (() => void) | undefined;

  constructor(options: SharingOptions) {
    const { store, clock = systemClock, random = Math.random, maxAwayMs = 600_000 } = options;
    this.#store = store;
    this.#reach = new Reach({
      store,
      clock,
      maxAwayMs,
      onChange: (away) => {
        options.onChange?.(away);
        if (!away && !this.#salted) void this.#readSalt().catch(() => {});
      },
    });
    this.#members = new Members(crypto.randomUUID(), { clock, reach: this.#reach, random });
    this.#reach.members = () => this.#members.count;
    this.#limits = new SharedLimits({ clock, random, reach: this.#reach });
    const salt = (): string => this.#salt;
    this.rates = {
      supply: (name, rate) => this.#limits.supply(name, rate),
      get salt() {
        return salt();
      },
    };
    this.quotas = new SharedQuotas(this.#reach);
    this.breakers = new BreakerBoard(this.#reach, salt);
  }

  /** Never rejects: a runtime may start while the store is away. */
  async start(): Promise<void> {
    this.#unwatch = this.#store.watch("hour", "breakers", (text) => this.breakers.read(text));
    await this.#readSalt().catch(() => {});
    await this.#members.start();
  }

  /**
   * The policy of all, as text. Resolves with the one that is there now; undefined: there is none, or the store is away.
   * `onPolicy` gets it and each later one.
   */
  async policy(onPolicy: (text: string) => void): Promise<string | undefined> {
    const entry = await this.#reach.ask((store) => store.get("ever", "policy"))
      .catch(() => undefined);
    this.#unwatchPolicy = this.#store.watch("ever", "policy", onPolicy);
    return entry?.value;
  }

  figures(): SharingFigures {
    const { leases, conflicts } = this.#limits;
    return { members: this.#members.count, leases, conflicts, awayMs: this.#reach.awayMs };
  }

  async close(): Promise<void> {
    this.#unwatch?.();
    this.#unwatchPolicy?.();
    await this.#members.leave();
    this.#reach.close();
    await this.#store.close();
  }

  /** The first runtime draws it. One that starts while the store is away has its own until the store is back. */
  async #readSalt(): Promise<void> {
    const read = () => this.#reach.ask((store) => store.get("ever", "salt"));
    const entry = await read();
    if (entry === undefined) {
      await this.#reach.ask((store) => store.put("ever", "salt", this.#salt, undefined));
    }
    const { value } = await read() ?? {};
    if (value === undefined) return;
    this.#salt = value;
    this.#salted = true;
  }
}
