import { wholeAboveZero } from "../core/check_number.ts";
import { type ConnectorError, invalidRequest } from "../core/errors.ts";
import { follow } from "./follow.ts";
import { CapacityLimiter, type Place } from "./limiter.ts";
import type { WaitOptions } from "./wait_queue.ts";

export interface ConnectionPoolOptions<T> {
  /** Opens a connection. The signal aborts when it is no longer wanted. */
  readonly create: (signal: AbortSignal) => Promise<T>;
  /** Closes a connection, which counts as open until this has ended. */
  readonly destroy?: ((connection: T) => unknown) | undefined;
  /** Called before a connection is reused. Default: every connection is usable. */
  readonly isUsable?: ((connection: T) => boolean) | undefined;
  /** Most open connections, in use or idle. Default: 10. */
  readonly max?: number | undefined;
}

/** A connection on loan to one user. */
export interface Lease<T> extends Disposable {
  readonly connection: T;
  /** Returns it to the pool. Idempotent. */
  release(): void;
  /** Returns it as broken: it is destroyed. */
  discard(): void;
}

/** Connections that are opened on demand and reused. If all are in use, callers wait in line. */
export class ConnectionPool<T> {
  readonly #options: ConnectionPoolOptions<T>;
  readonly #limiter: CapacityLimiter;
  readonly #unused: T[] = [];
  readonly #closing = new AbortController();
  #open = 0;

  constructor(options: ConnectionPoolOptions<T>) {
    this.#options = options;
    this.#limiter = new CapacityLimiter(
      wholeAboveZero("concurrency.options", "max", options.max ?? 10),
    );
  }

  /** Open connections, those being opened or closed included. */
  get open(): number {
    return this.#open;
  }

  get unused(): number {
    return this.#unused.length;
  }

  get waiting(): number {
    return this.#limiter.waiting;
  }

  async acquire(options: WaitOptions = {}): Promise<Lease<T>> {
    const { controller: { signal }, leave } = follow(options.signal, this.#closing.signal);
    try {
      const place = await this.#limiter.acquire({ signal });
      return this.#lease(await this.#opened(this.#find(signal), signal, place), place);
    } finally {
      leave();
    }
  }

  /** Destroys idle connections now, the others when they are returned. Waiting callers are refused. */
  async close(): Promise<void> {
    this.#closing.abort(closed());
    await Promise.all(this.#unused.splice(0).map((connection) => this.#destroy(connection)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #find(signal: AbortSignal): Promise<T> {
    for (let unused = this.#unused.pop(); unused !== undefined; unused = this.#unused.pop()) {
      let usable = false;
      try {
        usable = this.#options.isUsable?.(unused) ?? true;
      } finally {
        if (!usable) await this.#destroy(unused);
      }
      if (usable) return unused;
    }
    signal.throwIfAborted();
    this.#open++;
    try {
      return await this.#options.create(signal);
    } catch (error) {
      this.#open--;
      throw error;
    }
  }

  /** Rejects when the signal aborts; a connection that is found later is kept for others. */
  #opened(opening: Promise<T>, signal: AbortSignal, place: Place): Promise<T> {
    return new Promise((resolve, reject) => {
      let wanted = true;
      const onAbort = () => {
        wanted = false;
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      opening.then((connection) => {
        signal.removeEventListener("abort", onAbort);
        if (wanted) resolve(connection);
        else this.#giveBack(connection, place);
      }, (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        place.release();
        reject(error);
      });
    });
  }

  #lease(connection: T, place: Place): Lease<T> {
    let held = true;
    const once = (end: () => void) => () => {
      if (!held) return;
      held = false;
      end();
    };
    const release = once(() => this.#giveBack(connection, place));
    const discard = once(() => void this.#destroy(connection).then(() => place.release()));
    return { connection, release, discard, [Symbol.dispose]: release };
  }

  #giveBack(connection: T, place: Place): void {
    if (this.#closing.signal.aborted) {
      return void this.#destroy(connection).then(() => place.release());
    }
    this.#unused.push(connection);
    place.release();
  }

  /** Never rejects: a connection that fails to close is gone as well. */
  async #destroy(connection: T): Promise<void> {
    try {
      await this.#options.destroy?.(connection);
    } catch {
      // Nobody could handle the error.
    }
    this.#open--;
  }
}

function closed(): ConnectorError {
  return invalidRequest("concurrency.closed", "The pool was closed: create a new one");
}
