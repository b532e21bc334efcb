/**
 * One rate limit with its queue: a call goes at once, after a wait, or is refused with a time to try again. Tenants that share
 * it wait in queues of their own and are admitted by deficit round robin, so a thousand calls of one do not delay another's.
 */
import type { Clock } from "../../core/clock.ts";
import { type Link, LinkedList } from "../state/linked_list.ts";
import { Gcra, type Rate } from "../../core/rules/gcra.ts";
import type { Supply } from "./supply.ts";

/** Time that asking the store of a shared limit may add to a wait. */
const LATE_MS = 1_000;

export interface RateLimitOptions {
  readonly rate: Rate;
  /** A call that would have to wait longer is refused. Milliseconds; 0: no call waits. */
  readonly maxWaitMs: number;
  /** Waiting calls per tenant; more are refused. */
  readonly maxQueued: number;
  /** Counts calls that it would refuse, but lets them pass. */
  readonly shadow: boolean;
  /** Default: the rate, of this process alone. */
  readonly supply?: Supply | undefined;
}

/** A call's share of a limit. */
export class Claim {
  readonly #limit: RateLimit;
  readonly #mark: number;
  #cost: number;

  constructor(limit: RateLimit, cost: number, mark: number) {
    this.#limit = limit;
    this.#mark = mark;
    this.#cost = cost;
  }

  /** The call was not made after all. */
  cancel(): void {
    this.settle(0);
  }

  /** What it cost, once that is known: tokens of an answer, for example. */
  settle(cost: number): void {
    this.#limit.correct(this.#cost, cost, this.#mark);
    this.#cost = cost;
  }
}

export interface Refusal {
  readonly retryAfterMs: number;
  /** Why not: the time to wait, or the calls already waiting. */
  readonly because: "wait" | "queue";
}

/** Must not throw. A refusal comes only where several runtimes share the limit, and others were faster. */
export type OnTurn = (turn: Claim | Refusal) => void;

/** The waiting calls of one tenant. */
class Queue implements Link<Queue> {
  previous: Queue | undefined;
  next: Queue | undefined;
  list: unknown;
  count = 0;
  cost = 0;
  /** What it may still take in this round. */
  deficit = 0;
  readonly waiting: LinkedList<Waiter> = new LinkedList();
  readonly tenantId: string;

  constructor(tenantId: string) {
    this.tenantId = tenantId;
  }
}

export class Waiter implements Link<Waiter> {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  list: unknown;
  readonly queue: Queue;
  readonly cost: number;
  readonly since: number;
  readonly onTurn: OnTurn;

  constructor(queue: Queue, cost: number, since: number, onTurn: OnTurn) {
    this.queue = queue;
    this.cost = cost;
    this.since = since;
    this.onTurn = onTurn;
  }
}

export class RateLimit {
  readonly supply: Supply;
  /** Calls that wait now. */
  queued = 0;
  /** Calls refused, or in shadow mode let through despite the limit. */
  refused = 0;
  readonly #options: RateLimitOptions;
  readonly #clock: Clock;
  /** Waiting calls by tenant, and tenants in the order of their turns. */
  readonly #queues = new Map<string, Queue>();
  readonly #round = new LinkedList<Queue>();
  /** No less than any call costs, so that each turn admits at least one. */
  #quantum = 1;
  #timer: unknown;
  /** What all waiting calls cost. */
  #wanted = 0;

  constructor(options: RateLimitOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.supply = options.supply ?? new Gcra(options.rate);
    if (this.supply.ask !== undefined) this.supply.onAnswer = () => this.#serve();
  }

  /** Calls wait, or one would have to. */
  get inForce(): boolean {
    return this.queued > 0 || this.supply.available(this.#clock.monotonic()) < 1;
  }

  /** A claim, if it can be had at once. */
  enter(cost: number, now: number = this.#clock.monotonic()): Claim | undefined {
    if (this.#options.shadow) {
      if (this.supply.waitMs(now, cost) <= this.#options.maxWaitMs) {
        return new Claim(this, cost, this.supply.take(now, cost));
      }
      this.refused++;
      // Nothing is taken: a call that would have been refused must not use up the limit for later ones.
      return new Claim(this, 0, 0);
    }
    if (this.queued > 0 || this.supply.waitMs(now, cost) > 0) return undefined;
    return new Claim(this, cost, this.supply.take(now, cost));
  }

  /**
   * After `enter` found none: `onTurn` is called when it is the call's turn. `leftMs`: until the call's
   * deadline; there is no point in a wait beyond it.
   */
  wait(
    tenantId: string,
    cost: number,
    leftMs: number,
    onTurn: OnTurn,
  ): Waiter | Refusal {
    const now = this.#clock.monotonic();
    const known = this.#queues.get(tenantId);
    const waitMs = this.supply.waitMs(now, cost, this.#ahead(known, cost));
    const due = this.supply.ask?.(now, cost, this.#wanted + cost, false) === true;
    const tooLong = !due && (waitMs > this.#options.maxWaitMs || waitMs >= leftMs);
    if (tooLong || (known?.count ?? 0) >= this.#options.maxQueued) {
      this.refused++;
      return { retryAfterMs: waitMs, because: tooLong ? "wait" : "queue" };
    }
    const queue = known ?? new Queue(tenantId);
    if (known === undefined) {
      this.#queues.set(tenantId, queue);
      this.#round.append(queue);
    }
    const waiter = new Waiter(queue, cost, now, onTurn);
    queue.waiting.append(waiter);
    queue.count++;
    queue.cost += cost;
    this.#wanted += cost;
    this.queued++;
    this.#quantum = Math.max(this.#quantum, cost);
    if (this.#timer === undefined) this.#serve();
    return waiter;
  }

  /** Stops waiting if the turn has not come yet. */
  leave(waiter: Waiter): void {
    if (waiter.queue.waiting.has(waiter)) this.#remove(waiter);
  }

  /** For claims: the actual cost turns out to be higher or lower. */
  correct(from: number, to: number, mark: number): void {
    const now = this.#clock.monotonic();
    if (to > from) this.supply.take(now, to - from);
    else if (to < from) this.supply.giveBack(now, from - to, mark);
    if (to < from && this.queued > 0) this.#serve();
  }

  /** What is admitted before a new call: its own tenant's calls, and each other tenant's fair share until then. */
  #ahead(own: Queue | undefined, cost: number): number {
    const before = own?.cost ?? 0;
    let ahead = before;
    for (const queue of this.#queues.values()) {
      if (queue !== own) ahead += Math.min(queue.cost, before + cost);
    }
    return ahead;
  }

  #serve(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let queue = this.#round.first; queue !== undefined; queue = this.#round.first) {
      const waiter = queue.waiting.first as Waiter;
      const { cost } = waiter;
      if (queue.deficit < cost) {
        queue.deficit += this.#quantum;
        this.#round.remove(queue);
        this.#round.append(queue);
        continue;
      }
      const waitMs = this.supply.waitMs(now, cost);
      if (waitMs > 0) {
        const due = this.supply.ask?.(now, cost, this.#wanted, true);
        if (due === true) return;
        // Others were faster than it looked when the call began to wait.
        const { maxWaitMs } = this.#options;
        const tooLong = waitMs > maxWaitMs || now - waiter.since + waitMs > maxWaitMs + LATE_MS;
        if (due === false && tooLong) {
          this.refused++;
          this.#remove(waiter);
          waiter.onTurn({ retryAfterMs: waitMs, because: "wait" });
          continue;
        }
        if (waitMs === Infinity) return;
        this.#timer = this.#clock.setTimeout(() => this.#serve(), Math.ceil(waitMs));
        return;
      }
      queue.deficit -= cost;
      this.#remove(waiter);
      // As of its arrival: a timer that fires late must not make the limit lower than it is.
      const at = this.supply.ask === undefined ? waiter.since : now;
      waiter.onTurn(new Claim(this, cost, this.supply.take(at, cost)));
    }
  }

  #remove(waiter: Waiter): void {
    const { queue } = waiter;
    queue.waiting.remove(waiter);
    queue.count--;
    queue.cost -= waiter.cost;
    this.#wanted -= waiter.cost;
    this.queued--;
    if (queue.count > 0) return;
    this.#queues.delete(queue.tenantId);
    this.#round.remove(queue);
    if (this.queued > 0 || this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
