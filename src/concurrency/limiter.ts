/** Limits on concurrency. */
import { wholeAboveZero } from "../core/check_number.ts";
import { type WaitOptions, WaitQueue } from "./wait_queue.ts";

/** An acquired place. Release it when it is no longer needed: `using place = await limiter.acquire()`. */
export interface Place extends Disposable {
  /** Idempotent. */
  release(): void;
}

/**
 * At most `limit` holders at once, served in the order of asking. The limit may change: when it shrinks, those that
 * hold a place keep it, and nobody else gets one until their number is below it.
 */
export class CapacityLimiter {
  readonly #queue = new WaitQueue<Place>();
  #limit: number;
  #held = 0;

  /** Throws an InvalidRequest `concurrency.options` unless `limit` is a whole number above 0. */
  constructor(limit: number) {
    this.#limit = wholeAboveZero("concurrency.options", "limit", limit);
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = wholeAboveZero("concurrency.options", "limit", limit);
    this.#grant();
  }

  get held(): number {
    return this.#held;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  acquire(options: WaitOptions = {}): Promise<Place> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const place = this.tryAcquire();
    return place === undefined ? this.#queue.wait(signal) : Promise.resolve(place);
  }

  /** A place, if one is free and nobody is waiting. */
  tryAcquire(): Place | undefined {
    return this.#held < this.#limit && this.#queue.size === 0 ? this.#take() : undefined;
  }

  #take(): Place {
    this.#held++;
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      this.#held--;
      this.#grant();
    };
    return { release, [Symbol.dispose]: release };
  }

  #grant(): void {
    while (this.#held < this.#limit && this.#queue.size > 0) this.#queue.next(this.#take());
  }
}

/** A {@link CapacityLimiter} whose limit is fixed. */
export class Semaphore {
  readonly #limiter: CapacityLimiter;

  /** Throws an InvalidRequest `concurrency.options` unless `permits` is a whole number above 0. */
  constructor(permits: number) {
    this.#limiter = new CapacityLimiter(
      wholeAboveZero("concurrency.options", "permits", permits),
    );
  }

  get available(): number {
    return this.#limiter.limit - this.#limiter.held;
  }

  get waiting(): number {
    return this.#limiter.waiting;
  }

  acquire(options?: WaitOptions): Promise<Place> {
    return this.#limiter.acquire(options);
  }

  tryAcquire(): Place | undefined {
    return this.#limiter.tryAcquire();
  }
}

/** One at a time. */
export class Lock {
  readonly #limiter = new CapacityLimiter(1);

  get locked(): boolean {
    return this.#limiter.held > 0;
  }

  get waiting(): number {
    return this.#limiter.waiting;
  }

  acquire(options?: WaitOptions): Promise<Place> {
    return this.#limiter.acquire(options);
  }

  tryAcquire(): Place | undefined {
    return this.#limiter.tryAcquire();
  }
}
