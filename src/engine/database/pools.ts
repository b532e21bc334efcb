/**
 * Connections to databases, a pool for each tenant and URL. A call that finds none waits for one of its pool in the order of
 * arrival; when all pools together have as many as they may, an idle connection of another makes room.
 */
import type { DatabaseConnection } from "../../core/database/driver.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { ActiveCall } from "../call.ts";
import { inQueue } from "../queue.ts";
import { type Link, LinkedList } from "../state/linked_list.ts";
import type { Timeout, Timers } from "../timers.ts";

export interface PoolBounds {
  readonly maxConnections: number;
  readonly idleMs: number;
}

/** `database` has no password. */
export interface PoolFigures {
  readonly tenantId: string;
  readonly database: string;
  readonly open: number;
  readonly inUse: number;
  readonly waiting: number;
}

export interface PoolKey {
  readonly tenantId: string;
  /** With its credentials: two that differ in them share nothing. */
  readonly url: string;
  /** Shown in figures. */
  readonly database: string;
  readonly size: number;
}

export interface Lease {
  readonly connection: DatabaseConnection;
  /** Once. */
  release(): void;
}

/** What a waiting call gets: a connection, or room for another. */
type Turn = Idle | undefined;

interface Idle {
  readonly connection: DatabaseConnection;
  readonly openedAt: number;
  timeout: Timeout | undefined;
}

/** Waiting calls of a pool; more are refused. */
const MOST_WAITING = 1_024;
/** A connection does not live for ever: a server's address may change, and its memory grows. */
const MAX_AGE_MS = 30 * 60_000;

class Waiter implements Link<Waiter> {
  previous: Waiter | undefined;
  next: Waiter | undefined;
  list: unknown;
  readonly onTurn: (turn: Turn) => void;

  constructor(onTurn: (turn: Turn) => void) {
    this.onTurn = onTurn;
  }
}

class Pool {
  /** The last used is used next, so that the others get old. */
  readonly idle: Idle[] = [];
  readonly waiting: LinkedList<Waiter> = new LinkedList();
  queued = 0;
  /** Open ones and those that are being opened. */
  size = 0;
  readonly key: PoolKey;

  constructor(key: PoolKey) {
    this.key = key;
  }
}

export class Pools {
  /** Calls that found too many waiting, since the start. */
  refused = 0;
  readonly #pools = new Map<string, Pool>();
  readonly #bounds: PoolBounds;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #total = 0;
  #closed = false;

  constructor(bounds: PoolBounds, clock: Clock, timers: Timers) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** At once if there is one. @throws ConnectorError `database.queue_full`, or what `open` throws, or the reason of the call's end. */
  lease(
    call: ActiveCall,
    key: PoolKey,
    open: () => Promise<DatabaseConnection>,
  ): Lease | Promise<Lease> {
    const pool = this.#poolOf(key);
    const idle = pool.idle.pop();
    if (idle !== undefined) return this.#leaseOf(pool, idle);
    if (pool.size < key.size && this.#makeRoom()) {
      pool.size++;
      this.#total++;
      return this.#open(pool, open);
    }
    return this.#inTurn(call, pool, open);
  }

  async #inTurn(
    call: ActiveCall,
    pool: Pool,
    open: () => Promise<DatabaseConnection>,
  ): Promise<Lease> {
    const turn = await this.#wait(call, pool);
    if (turn === undefined) return await this.#open(pool, open);
    const lease = this.#leaseOf(pool, turn);
    if (!call.signal.aborted) return lease;
    lease.release();
    throw call.signal.reason;
  }

  /** Pools of one tenant and server that differ in what is secret are shown as one. */
  figures(): readonly PoolFigures[] {
    const shown = new Map<string, PoolFigures>();
    for (const { key: { tenantId, database }, idle, size, queued } of this.#pools.values()) {
      const name = JSON.stringify([tenantId, database]);
      const { open = 0, inUse = 0, waiting = 0 } = shown.get(name) ?? {};
      shown.set(name, {
        tenantId,
        database,
        open: open + size,
        inUse: inUse + size - idle.length,
        waiting: waiting + queued,
      });
    }
    return [...shown.values()];
  }

  close(): void {
    this.#closed = true;
    for (const pool of this.#pools.values()) {
      for (const idle of pool.idle.splice(0)) this.#discard(pool, idle);
    }
  }

  #poolOf(key: PoolKey): Pool {
    const name = nameOf(key);
    let pool = this.#pools.get(name);
    if (pool === undefined) {
      pool = new Pool(key);
      this.#pools.set(name, pool);
    }
    return pool;
  }

  async #wait(call: ActiveCall, pool: Pool): Promise<Turn> {
    const { size, database } = pool.key;
    if (pool.queued >= MOST_WAITING) {
      this.refused++;
      throw full(database, size);
    }
    const name = `a connection to ${database} (${size} at most)`;
    return await inQueue<Turn>(call, this.#clock, name, (onTurn) => {
      const waiter = new Waiter(onTurn);
      pool.waiting.append(waiter);
      pool.queued++;
      return () => {
        if (!pool.waiting.has(waiter)) return;
        pool.waiting.remove(waiter);
        pool.queued--;
        this.#forget(pool);
      };
    });
  }

  /** There is room for it already. */
  async #open(pool: Pool, open: () => Promise<DatabaseConnection>): Promise<Lease> {
    try {
      const connection = await open();
      return this.#leaseOf(pool, {
        connection,
        openedAt: this.#clock.monotonic(),
        timeout: undefined,
      });
    } catch (error) {
      this.#shrink(pool);
      throw error;
    }
  }

  #leaseOf(pool: Pool, one: Idle): Lease {
    one.timeout?.cancel();
    one.timeout = undefined;
    one.connection.onLost = undefined;
    let released = false;
    return {
      connection: one.connection,
      release: () => {
        if (released) return;
        released = true;
        this.#release(pool, one);
      },
    };
  }

  #release(pool: Pool, one: Idle): void {
    const old = this.#clock.monotonic() - one.openedAt > MAX_AGE_MS;
    if (this.#closed || old || !one.connection.usable) return this.#discard(pool, one);
    if (this.#hand(pool, one)) return;
    // Another pool may be waiting for room.
    if (this.#total >= this.#bounds.maxConnections && this.#isWanted()) {
      return this.#discard(pool, one);
    }
    pool.idle.push(one);
    const gone = (): void => {
      const at = pool.idle.indexOf(one);
      if (at < 0) return;
      pool.idle.splice(at, 1);
      this.#discard(pool, one);
    };
    one.connection.onLost = gone;
    one.timeout = this.#timers.after(this.#bounds.idleMs, gone);
  }

  #hand(pool: Pool, turn: Turn): boolean {
    const waiter = pool.waiting.first;
    if (waiter === undefined) return false;
    pool.waiting.remove(waiter);
    pool.queued--;
    waiter.onTurn(turn);
    return true;
  }

  #discard(pool: Pool, { connection, timeout }: Idle): void {
    timeout?.cancel();
    connection.onLost = undefined;
    connection.close();
    this.#shrink(pool);
  }

  /** One connection less: somebody may open another. */
  #shrink(pool: Pool): void {
    pool.size--;
    this.#total--;
    for (const other of [pool, ...this.#pools.values()]) {
      if (this.#total >= this.#bounds.maxConnections) break;
      if (other.size >= other.key.size || other.waiting.first === undefined) continue;
      other.size++;
      this.#total++;
      this.#hand(other, undefined);
      break;
    }
    this.#forget(pool);
  }

  #forget(pool: Pool): void {
    if (pool.size > 0 || pool.queued > 0) return;
    this.#pools.delete(nameOf(pool.key));
  }

  #isWanted(): boolean {
    for (const pool of this.#pools.values()) {
      if (pool.waiting.first !== undefined && pool.size < pool.key.size) return true;
    }
    return false;
  }

  /** Whether another connection may be opened; one that is idle elsewhere gives way. */
  #makeRoom(): boolean {
    if (this.#total < this.#bounds.maxConnections) return true;
    for (const pool of this.#pools.values()) {
      const idle = pool.idle.shift();
      if (idle === undefined) continue;
      this.#discard(pool, idle);
      return this.#total < this.#bounds.maxConnections;
    }
    return false;
  }
}

/** A URL has no line feeds. */
function nameOf({ tenantId, url }: PoolKey): string {
  return `${url}\n${tenantId}`;
}

function full(database: string, size: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "database.queue_full",
    message:
      `${MOST_WAITING} calls are already waiting for one of ${size} connections to ${database}`,
    retryAfterMs: 1_000,
  });
}
