/** Runtimes that share a rate limit, simulated: the real code, with a clock, a network and a store that are not. Seeded. */
import { Reach } from "../../src/engine/leases/reach.ts";
import { Members } from "../../src/engine/leases/members.ts";
import { SharedLimits } from "../../src/engine/leases/shared_limits.ts";
import type { SharedEntry, SharedStore } from "../../src/engine/leases/shared_store.ts";
import { RateLimit } from "../../src/engine/limits/rate_limit.ts";
import { EventClock } from "./event_clock.ts";

export interface Scenario {
  readonly seed: number;
  readonly members: number;
  /** Units a second. */
  readonly perSecond: number;
  /** One way, ms: between half and one and a half of this. */
  readonly latencyMs: number;
  /** Clocks are off by up to this, ms. */
  readonly skewMs: number;
  readonly seconds: number;
  /** From when to when, s, which part of the members (of 1) has no store. */
  readonly cut?: { readonly from: number; readonly to: number; readonly part: number };
  /** Which part of the members calls only from this second on. */
  readonly late?: { readonly from: number; readonly part: number };
}

export interface Result {
  /** Calls let through in each second, by all. */
  readonly bySecond: readonly number[];
  /** By member, in each second. */
  readonly byMember: readonly (readonly number[])[];
  /** What the store was asked in each second, by all. */
  readonly asksBySecond: readonly number[];
  /** Leases refused in each second, since another member was faster. */
  readonly conflictsBySecond: readonly number[];
}

/** Calls that each member keeps waiting. */
const WAITING = 4;

export async function simulate(scenario: Scenario): Promise<Result> {
  const { members: count, perSecond, seconds, skewMs } = scenario;
  const random = seeded(scenario.seed);
  const clock = new EventClock();
  const network = new Network(clock, random, scenario.latencyMs);
  const bySecond = new Array<number>(seconds).fill(0);
  const byMember = Array.from({ length: count }, () => new Array<number>(seconds).fill(0));
  const limits: SharedLimits[] = [];
  for (let at = 0; at < count; at++) {
    const own = clock.seenFrom((random() * 2 - 1) * skewMs);
    const cut = scenario.cut;
    const isCut = cut !== undefined && at < cut.part * count;
    const store = network.storeFor(() =>
      isCut && clock.time >= cut.from * 1_000 && clock.time < cut.to * 1_000
    );
    const reach = new Reach({ store, clock: own, maxAwayMs: 600_000 });
    const members = new Members(`m${at}`, { clock: own, reach, random });
    reach.members = () => members.count;
    const shared = new SharedLimits({ clock: own, random, reach });
    limits.push(shared);
    const rate = { units: perSecond, perMs: 1_000, burst: 1 };
    const limit = new RateLimit({
      rate,
      supply: shared.supply("tenant", rate),
      maxWaitMs: 60_000,
      maxQueued: 1_000,
      shadow: false,
    }, own);
    const late = scenario.late;
    const startMs = late !== undefined && at < late.part * count ? late.from * 1_000 : 0;
    const call = (): void => {
      if (limit.enter(1) !== undefined) return done();
      limit.wait("t", 1, Infinity, done);
    };
    const done = (): void => {
      const second = Math.floor(clock.time / 1_000);
      if (second < seconds) {
        bySecond[second]!++;
        byMember[at]![second]!++;
      }
      clock.in(0, call);
    };
    clock.in(startMs + random() * 200, () =>
      void members.start().then(() => {
        for (let n = 0; n < WAITING; n++) call();
      }));
  }
  const conflictsBySecond: number[] = [];
  let before = 0;
  for (let second = 1; second <= seconds; second++) {
    await clock.runUntil(second * 1_000);
    const conflicts = limits.reduce((sum, one) => sum + one.conflicts, 0);
    conflictsBySecond.push(conflicts - before);
    before = conflicts;
  }
  return { bySecond, byMember, asksBySecond: network.asksBySecond, conflictsBySecond };
}

/** One store that does one thing after the other, and a way to it that takes time and may be cut. */
class Network {
  readonly asksBySecond: number[] = [];
  readonly #entries = new Map<string, SharedEntry>();
  readonly #clock: EventClock;
  readonly #random: () => number;
  readonly #latencyMs: number;
  #revision = 0;

  constructor(clock: EventClock, random: () => number, latencyMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#latencyMs = latencyMs;
  }

  storeFor(isCut: () => boolean): SharedStore {
    const ask = <T>(work: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        if (isCut()) {
          this.#clock.in(this.#way(), () => reject(new Error("cut off")));
          return;
        }
        this.#clock.in(this.#way(), () => {
          const second = Math.floor(this.#clock.time / 1_000);
          this.asksBySecond[second] = (this.asksBySecond[second] ?? 0) + 1;
          const result = work();
          this.#clock.in(this.#way(), () => resolve(result));
        });
      });
    return {
      get: (shelf, key) => ask(() => this.#entries.get(`${shelf}.${key}`)),
      put: (shelf, key, value, revision) =>
        ask(() => {
          const at = `${shelf}.${key}`;
          if (this.#entries.get(at)?.revision !== revision) return undefined;
          const changedAt = this.#clock.seenFrom(0).now();
          this.#entries.set(at, { value, revision: ++this.#revision, changedAt });
          return this.#revision;
        }),
      watch: () => () => {},
      close: () => Promise.resolve(),
    };
  }

  #way(): number {
    return this.#latencyMs * (0.5 + this.#random());
  }
}

/** mulberry32 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Jain's index: 1 if all have the same, 1 / n if one has everything. */
export function fairness(parts: readonly number[]): number {
  const sum = parts.reduce((all, one) => all + one, 0);
  const squares = parts.reduce((all, one) => all + one * one, 0);
  return squares === 0 ? 1 : sum * sum / (parts.length * squares);
}
