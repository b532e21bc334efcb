/** Operations that continue after their answer: another operation is polled until they are finished. */
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, type Sent } from "../../core/errors.ts";
import { within } from "../../core/async/within.ts";
import { select } from "../../sse/mod.ts";
import { Call } from "../call/call.ts";
import { allHold } from "../../core/rules/condition.ts";
import type { ConnectorClient } from "../call/client.ts";
import { decode } from "../call/execute.ts";
import { prepare, type Work } from "../call/work.ts";
import { positive } from "../call/client.ts";
import type { CallOptions } from "../data/options.ts";
import type { OperationData, WaitData } from "../data/operation.ts";

export interface WaitOptions {
  /** Time limit from now, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the state after each poll. */
  readonly onPoll?: ((state: unknown) => void) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** The operation failed. */
export class OperationFailedError<State = unknown> extends ConnectorError {
  override readonly name: string = "OperationFailedError";
  /** The last state received. */
  readonly state: State;

  constructor(message: string, state: State) {
    super({
      errorClass: ErrorClass.Permanent,
      code: "wait.failed",
      message,
      origin: "upstream",
      sent: "committed",
    });
    this.state = state;
  }
}

/** A call that starts something; `waitFor` resolves with its outcome. */
export class WaitableCall<T, Final> extends Call<T> {
  readonly #work: Work;

  constructor(work: Work) {
    super(work, (at, exchange) => decode(at, exchange) as T | Promise<T>);
    this.#work = work;
  }

  /**
   * Polls until the operation is finished. Rejects with an {@link OperationFailedError}, with `wait.timeout` after `timeoutMs`
   * (the operation itself continues at the API), and with the signal's reason.
   */
  async waitFor(options: WaitOptions): Promise<Final> {
    const clock = options.clock ?? waitingClock;
    const wait = this.#work.operation.wait as WaitData;
    const deadline = clock.monotonic() + positive("timeoutMs", options.timeoutMs);
    const started = await within<T>(this, {
      clock,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      late: () =>
        timedOut(`${this.#work.operation.id} did not answer within`, options.timeoutMs, "maybe"),
    }).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      throw error;
    });
    const input = Object.fromEntries(
      wait.input.map((
        { name, from, value },
      ) => [name, from === undefined ? value : select(from, started)]),
    );
    for (let interval = wait.intervalMs;; interval = Math.min(interval * 2, wait.maxIntervalMs)) {
      const left = deadline - clock.monotonic();
      if (left <= 0) {
        const what = `What ${this.#work.operation.id} started was not finished after`;
        throw timedOut(what, options.timeoutMs, "committed");
      }
      const state = await poll(this.#work, wait, input, left, options.signal);
      options.onPoll?.(state);
      if (wait.failed !== undefined && wait.failed.length > 0 && allHold(wait.failed, state)) {
        throw new OperationFailedError(
          `What ${this.#work.operation.id} started has failed`,
          this.#work.client.secrets.clean(state),
        );
      }
      if (allHold(wait.until, state)) {
        return (wait.result === undefined ? state : select(wait.result, state)) as Final;
      }
      await pause(
        Math.min(interval, Math.max(0, deadline - clock.monotonic())),
        clock,
        options.signal,
      );
    }
  }
}

export function waitable<T, Final>(
  client: ConnectorClient,
  operation: OperationData,
  input?: unknown,
  options?: CallOptions,
): WaitableCall<T, Final> {
  return new WaitableCall<T, Final>(prepare(client, operation, input, options));
}

function poll(
  started: Work,
  wait: WaitData,
  input: Readonly<Record<string, unknown>>,
  left: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { idempotencyKey: _, ...options } = started.options;
  const limit = Math.min(left, options.timeoutMs ?? left);
  const work: Work = {
    client: started.client,
    operation: started.operation.json ? { ...wait.poll(), json: true } : wait.poll(),
    input,
    options: { ...options, timeoutMs: limit, signal },
  };
  return Promise.resolve(new Call(work, (at, exchange) => decode(at, exchange)));
}

/** The system's clock, but its timers keep the process alive: someone waits for them. */
const waitingClock: Clock = {
  ...systemClock,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
};

function pause(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = (): void => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

function timedOut(what: string, timeoutMs: number, sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "wait.timeout",
    message: `${what} ${timeoutMs} ms`,
    sent,
  });
}
