/** The connections to one endpoint, and the exchanges waiting for one. */
import type { Clock } from "../core/clock.ts";
import { Connection, type Job, type Owner } from "./connection.ts";
import type { Dial } from "./dial.ts";
import type { ParserOptions } from "./parser.ts";
import type { Target } from "./target.ts";

export interface Waiter {
  readonly target: Target;
  readonly connectTimeoutMs: number;
  /** Accepts only a new connection. */
  readonly fresh: boolean;
  ready(connection: Connection): void;
  /** Connecting failed. */
  failed(error: unknown): void;
  /** The upstream did not accept the connection in time. */
  late(): void;
}

/** What keeping a connection needs to know about its exchange. */
interface Kept extends Job {
  readonly keepMs: number | undefined;
}

export interface PoolRules {
  readonly maxIdle: number;
  readonly maxOpen: number;
  readonly keepMs: number;
  readonly dial: Dial;
  readonly clock: Clock;
  readonly parser: ParserOptions;
  /** A connection was put aside. */
  idle(): void;
  /** Something waits, and must be found if it leaves. */
  used(host: Host): void;
  empty(host: Host): void;
}

interface Attempt {
  /** The waiter that its failure is reported to. */
  waiter: Waiter | undefined;
  readonly connection: Connection;
  readonly timer: unknown;
  giveUp: () => void;
}

/** Upstreams close idle connections up to this much earlier or later than they say; a request must not run into that. */
const MARGIN_MS = 1_000;

export class Host implements Owner {
  readonly key: string;
  #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiters = new Set<Waiter>();
  readonly #attempts = new Map<Connection, Attempt>();
  readonly #target: Target;
  readonly #rules: PoolRules;

  constructor(target: Target, rules: PoolRules) {
    this.key = target.key;
    this.#target = target;
    this.#rules = rules;
  }

  acquire(waiter: Waiter): void {
    if (!waiter.fresh) {
      const connection = this.#takeIdle();
      if (connection !== undefined) return waiter.ready(connection);
    }
    this.#waiters.add(waiter);
    this.#rules.used(this);
    if (waiter.fresh && this.#size() >= this.#rules.maxOpen) return this.#idle[0]?.destroy();
    if (this.#size() < this.#rules.maxOpen) this.#connect(waiter);
  }

  leave(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter)) return;
    for (const attempt of this.#attempts.values()) {
      if (attempt.waiter !== waiter) continue;
      // Someone else may be able to use it.
      attempt.waiter = this.#withoutAttempt();
      if (attempt.waiter === undefined) this.#giveUp(attempt);
      break;
    }
    this.#settle();
  }

  /** Closes idle connections that are too old. Returns when the next one will be; Infinity if there are none. */
  dropOld(now: number): number {
    let next = Infinity;
    for (const connection of [...this.#idle]) {
      if (connection.expiresAt <= now) connection.destroy();
      else next = Math.min(next, connection.expiresAt);
    }
    return next;
  }

  close(error: Error): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const attempt of [...this.#attempts.values()]) this.#giveUp(attempt);
    for (const connection of [...this.#open]) connection.abandon(error);
    for (const waiter of waiters) waiter.failed(error);
    this.#settle();
  }

  opened(connection: Connection): void {
    this.#finish(connection);
    this.#open.add(connection);
    this.#offer(connection);
  }

  refused(connection: Connection, error: unknown): void {
    const waiter = this.#finish(connection)?.waiter;
    if (waiter !== undefined && this.#waiters.delete(waiter)) waiter.failed(error);
    this.#settle();
  }

  idle(connection: Connection, job: Job): void {
    const { keepMs } = job as Kept;
    const hinted = keepMs === undefined ? Infinity : keepMs - MARGIN_MS;
    const ms = Math.min(this.#rules.keepMs, hinted);
    if (ms <= 0) return connection.destroy();
    connection.expiresAt = this.#rules.clock.monotonic() + ms;
    this.#offer(connection);
  }

  gone(connection: Connection): void {
    this.#open.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#settle();
  }

  #size(): number {
    return this.#open.size + this.#attempts.size;
  }

  #takeIdle(): Connection | undefined {
    const connection = this.#idle.pop();
    if (connection === undefined) return undefined;
    connection.hold(true);
    if (connection.expiresAt > this.#rules.clock.monotonic()) return connection;
    connection.destroy();
    return this.#takeIdle();
  }

  #offer(connection: Connection): void {
    const waiter = this.#waiters.size === 0 ? undefined : this.#next(connection);
    if (waiter !== undefined) {
      this.#waiters.delete(waiter);
      return waiter.ready(connection);
    }
    if (this.#idle.length >= this.#rules.maxIdle) return connection.destroy();
    // In the end nobody used it; it has not been idle before.
    if (connection.uses === 0) {
      connection.expiresAt = this.#rules.clock.monotonic() + this.#rules.keepMs;
    }
    connection.hold(false);
    this.#idle.push(connection);
    this.#rules.idle();
  }

  /** Who waited longest and may have it. */
  #next(connection: Connection): Waiter | undefined {
    for (const waiter of this.#waiters) {
      if (!waiter.fresh || connection.uses === 0) return waiter;
    }
    return undefined;
  }

  #connect(waiter: Waiter): void {
    const { dial, clock, parser } = this.#rules;
    const connection = new Connection(this, parser);
    const timer = clock.setTimeout(() => {
      const late = this.#attempts.get(connection);
      if (late === undefined) return;
      this.#giveUp(late);
      if (late.waiter !== undefined && this.#waiters.delete(late.waiter)) late.waiter.late();
      this.#settle();
    }, waiter.connectTimeoutMs);
    const attempt: Attempt = { waiter, connection, timer, giveUp: () => {} };
    this.#attempts.set(connection, attempt);
    const giveUp = dial(this.#target, connection);
    attempt.giveUp = giveUp;
  }

  #finish(connection: Connection): Attempt | undefined {
    const attempt = this.#attempts.get(connection);
    if (attempt === undefined) return undefined;
    this.#rules.clock.clearTimeout(attempt.timer);
    this.#attempts.delete(connection);
    return attempt;
  }

  #giveUp(attempt: Attempt): void {
    this.#finish(attempt.connection);
    attempt.giveUp();
  }

  #withoutAttempt(): Waiter | undefined {
    const having = new Set([...this.#attempts.values()].map(({ waiter }) => waiter));
    for (const waiter of this.#waiters) if (!having.has(waiter)) return waiter;
    return undefined;
  }

  /** A connection closed: a waiter may connect now. */
  #settle(): void {
    while (this.#size() < this.#rules.maxOpen && this.#waiters.size > this.#attempts.size) {
      const waiter = this.#withoutAttempt();
      if (waiter === undefined) break;
      this.#connect(waiter);
    }
    if (this.#size() === 0 && this.#waiters.size === 0) this.#rules.empty(this);
  }
}
