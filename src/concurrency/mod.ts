/**
 * Structured concurrency: task groups, timeouts, limits, and things to wait for. Everything that waits takes an
 * `AbortSignal` and serves in the order of asking. It needs nothing else from the package.
 *
 * ```ts
 * import { moveOnAfter, parallelRequests } from "@vastar/connector/concurrency";
 *
 * const outcome = await moveOnAfter(5000, (signal) =>
 *   parallelRequests(urls, (url, signal) => fetch(url, { signal }), { maxConcurrency: 8, signal }));
 * if (outcome.timedOut) console.log("too slow");
 * ```
 *
 * @module
 */
export { Condition, ConditionHold } from "./condition.ts";
export { ConnectionPool, type ConnectionPoolOptions, type Lease } from "./connection_pool.ts";
export { Event } from "./event.ts";
export { CapacityLimiter, Lock, type Place, Semaphore } from "./limiter.ts";
export {
  failAfter,
  moveOnAfter,
  type Outcome,
  type ScopeOptions,
  shield,
  type ShieldOptions,
  type Task,
} from "./scopes.ts";
export { TaskGroup } from "./task_group.ts";
export { gather, type ParallelOptions, parallelRequests, race } from "./together.ts";
export type { WaitOptions } from "./wait_queue.ts";
export { WorkerPool, type WorkerPoolOptions } from "./worker_pool.ts";
