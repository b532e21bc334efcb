import { invalidRequest } from "../core/errors.ts";
import { follow, type Follower } from "./follow.ts";
import type { Task } from "./scopes.ts";
import type { WaitOptions } from "./wait_queue.ts";

/**
 * Tasks that end together. The first failure cancels the others, and `join` throws it; several become an AggregateError.
 *
 * ```ts
 * await using group = new TaskGroup();
 * group.start((signal) => listen(signal));
 * group.start((signal) => poll(signal));
 * await group.join();
 * ```
 *
 * Leaving the block without `join`, by an error or a `return`, cancels whatever still runs and waits for it to end.
 */
export class TaskGroup {
  readonly #follower: Follower;
  readonly #outer: AbortSignal | undefined;
  readonly #running = new Set<Promise<unknown>>();
  readonly #failures: unknown[] = [];
  #joined: Promise<void> | undefined;
  #closed = false;

  /** When the signal aborts, so do all tasks, and `join` rejects with its reason. */
  constructor(options: WaitOptions = {}) {
    this.#outer = options.signal;
    this.#follower = follow(options.signal);
  }

  /** Aborts when the group is cancelled or a task has failed. */
  get signal(): AbortSignal {
    return this.#follower.controller.signal;
  }

  /** Tasks that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  /** Aborts every task. This is not a failure: `join` resolves once they have ended. */
  cancel(reason?: unknown): void {
    this.#follower.controller.abort(reason);
  }

  /** Returns the task's own promise, which rejects if the group was cancelled before the task has begun. It need not be awaited: the group handles failures. */
  start<T>(task: Task<T>): Promise<Awaited<T>> {
    if (this.#closed) return Promise.reject(closed());
    if (this.signal.aborted) return handled(Promise.reject(this.signal.reason));
    return this.#add(task, (error) => this.#fail(error));
  }

  /**
   * Starts a task that reports when it is ready, such as a server once it listens: resolves with the argument of `ready`. A failure
   * before that is only thrown to the caller; afterwards the task belongs to the group.
   */
  startReady<R>(task: (ready: (value: R) => void, signal: AbortSignal) => unknown): Promise<R> {
    if (this.#closed) return Promise.reject(closed());
    if (this.signal.aborted) return Promise.reject(this.signal.reason);
    return new Promise<R>((resolve, reject) => {
      let isReady = false;
      const ready = (value: R) => {
        isReady = true;
        resolve(value);
      };
      const running = this.#add((signal) => task(ready, signal), (error) => {
        if (isReady) this.#fail(error);
      });
      running.then(() => reject(neverReady()), reject);
    });
  }

  /** Resolves when every task has ended; rejects with what failed. */
  join(): Promise<void> {
    return this.#joined ??= this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
    // `join` has already reported the failure.
    if (this.#joined !== undefined) await this.#joined.catch(() => {});
    else await this.#end();
  }

  #add<T>(task: Task<T>, onFailure: (error: unknown) => void): Promise<Awaited<T>> {
    // Begins in a later turn, so that a task that fails at once is in the group by then. If all is over by then, it does not
    // begin: work that only listens to its signal would never end.
    const running = Promise.resolve().then(() => {
      this.signal.throwIfAborted();
      return task(this.signal);
    }) as Promise<Awaited<T>>;
    const ended = running.then(() => {}, onFailure).then(() => void this.#running.delete(ended));
    this.#running.add(ended);
    return running;
  }

  #fail(error: unknown): void {
    const { signal } = this;
    if (signal.aborted && isCancellation(error, signal.reason)) return;
    this.#failures.push(error);
    this.#follower.controller.abort(error);
  }

  async #end(): Promise<void> {
    // A task may start others.
    while (this.#running.size > 0) await Promise.all(this.#running);
    this.#closed = true;
    this.#follower.leave();
    if (this.#failures.length === 1) throw this.#failures[0];
    if (this.#failures.length > 1) {
      throw new AggregateError(this.#failures, `${this.#failures.length} tasks failed`);
    }
    if (this.#joined !== undefined) this.#outer?.throwIfAborted();
  }
}

/** How a cancelled task ends: with the reason itself, an error about it, or the platform's AbortError. */
function isCancellation(error: unknown, reason: unknown): boolean {
  if (error === reason) return true;
  return error instanceof Error && (error.name === "AbortError" || error.cause === reason);
}

/** The group reports it: an unhandled promise must not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

function closed(): Error {
  return invalidRequest(
    "concurrency.closed",
    "The group has been joined: start tasks before, or from one of its tasks",
  );
}

function neverReady(): Error {
  return invalidRequest(
    "concurrency.not_ready",
    "The task ended without calling `ready`: call it once the task can be used",
  );
}
