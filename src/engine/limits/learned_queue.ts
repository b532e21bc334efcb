/** The calls waiting for an API's own, reported limit: first come, first served. */
import type { Clock } from "../../core/clock.ts";
import { type Link, LinkedList } from "../state/linked_list.ts";
import { LearnedLimits } from "./learned_limits.ts";
import type { Refusal } from "./rate_limit.ts";
import type { Sighting } from "./sighting.ts";

export class LearnedWaiter implements Link<LearnedWaiter> {
  previous: LearnedWaiter | undefined;
  next: LearnedWaiter | undefined;
  list: unknown;
  readonly onTurn: (call: number) => void;

  constructor(onTurn: (call: number) => void) {
    this.onTurn = onTurn;
  }
}

export interface LearnedOptions {
  readonly maxWaitMs: number;
  readonly maxQueued: number;
}

/** What a call may use of a limit that does not count calls. Unknown in advance; the next answer corrects it. */
const UNITS = 1;

export class LearnedQueue {
  queued = 0;
  refused = 0;
  readonly #limits = new LearnedLimits();
  readonly #waiting = new LinkedList<LearnedWaiter>();
  readonly #options: LearnedOptions;
  readonly #clock: Clock;
  #timer: unknown;

  constructor(options: LearnedOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** The number of a call that may start at once. */
  enter(): number | undefined {
    const waitMs = this.#limits.waitMs(this.#clock.monotonic(), UNITS);
    return this.queued > 0 || waitMs > 0 ? undefined : this.#limits.start(UNITS);
  }

  /** After `enter` returned none: `onTurn` must not throw. */
  wait(leftMs: number, onTurn: (call: number) => void): LearnedWaiter | Refusal {
    const waitMs = this.#limits.waitMs(this.#clock.monotonic(), UNITS);
    const tooLong = waitMs > this.#options.maxWaitMs || waitMs >= leftMs;
    if (tooLong || this.queued >= this.#options.maxQueued) {
      this.refused++;
      return { retryAfterMs: waitMs, because: tooLong ? "wait" : "queue" };
    }
    const waiter = new LearnedWaiter(onTurn);
    this.#waiting.append(waiter);
    this.queued++;
    if (this.#timer === undefined) this.#serve();
    return waiter;
  }

  leave(waiter: LearnedWaiter): void {
    if (!this.#waiting.has(waiter)) return;
    this.#remove(waiter);
    if (this.queued === 0) this.#stopTimer();
  }

  /** Called once for each started call. `blockMs`: the API refused it for this long. */
  end(call: number, sightings: readonly Sighting[], blockMs: number | undefined): void {
    const now = this.#clock.monotonic();
    if (blockMs !== undefined) this.#limits.block(now, blockMs);
    this.#limits.end(call, UNITS, sightings, now);
    if (this.queued > 0) this.#serve();
  }

  /** Limits from the answer to a call that started before anything was known. */
  learn(sightings: readonly Sighting[], blockMs: number | undefined): void {
    this.end(this.#limits.start(UNITS), sightings, blockMs);
  }

  #serve(): void {
    this.#stopTimer();
    for (
      let waiter = this.#waiting.first;
      waiter !== undefined;
      waiter = this.#waiting.first
    ) {
      const waitMs = this.#limits.waitMs(this.#clock.monotonic(), UNITS);
      if (waitMs > 0) {
        this.#timer = this.#clock.setTimeout(() => this.#serve(), Math.ceil(waitMs));
        return;
      }
      this.#remove(waiter);
      waiter.onTurn(this.#limits.start(UNITS));
    }
  }

  #remove(waiter: LearnedWaiter): void {
    this.#waiting.remove(waiter);
    this.queued--;
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
