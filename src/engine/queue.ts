/** Waiting for a turn, with what all queues share: time is counted, deadline errors name the queue, an abort ends the wait. */
import type { Clock } from "../core/clock.ts";
import type { ActiveCall } from "./call.ts";
import { keepingAlive } from "./keep_alive.ts";

/**
 * `join` enters the queue and returns how to leave it, which must take constant time: a thousand calls may be aborted at once.
 * It may throw. Rejects with the reason of an abort.
 */
export function inQueue<T>(
  call: ActiveCall,
  clock: Clock,
  name: string,
  join: (onTurn: (turn: T) => void) => () => void,
): Promise<T> {
  const turn = new Promise<T>((resolve, reject) => {
    const since = clock.monotonic();
    let waiting = true;
    const over = (): void => {
      waiting = false;
      call.signal.removeEventListener("abort", onAbort);
      call.waitingFor = undefined;
      call.queuedMs += clock.monotonic() - since;
    };
    const onAbort = (): void => {
      leave();
      over();
      reject(call.signal.reason);
    };
    const leave = join((turn) => {
      over();
      resolve(turn);
    });
    if (!waiting) return;
    call.waitingFor = name;
    call.signal.addEventListener("abort", onAbort);
  });
  return keepingAlive(turn);
}
