/** Operations that go on after their answer: another operation is asked until they are over. */
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../core/clock.ts";
import type { Json } from "../../core/json.ts";
import { ConnectorError, ErrorClass, type Sent } from "../../core/errors.ts";
import { within } from "../../core/within.ts";
import { select, type SelectorPath } from "../../sse/mod.ts";
import { Call } from "../call/call.ts";
import { allHold } from "./condition.ts";
import type { ConnectorClient } from "../call/client.ts";
import { decode, type Plan, plan } from "../call/execute.ts";
import { positive } from "../call/client.ts";
import type { CallOptions } from "../data/options.ts";
import type { Condition, OperationSpec } from "../data/operation.ts";

export interface WaitSpec {
  /** The operation that is asked. A function, because its spec may be declared further down. */
  readonly poll: () => OperationSpec;
  readonly input: readonly {
    readonly name: string;
    readonly from?: SelectorPath;
    readonly value?: Json;
  }[];
  readonly until: readonly Condition[];
  /** Over and failed. */
  readonly failed?: readonly Condition[];
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
  readonly result?: SelectorPath;
}

export interface WaitOptions {
  /** From now until it has to be over. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the state at each look. */
  readonly onPoll?: ((state: unknown) => void) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** The operation ended, and not well. */
export class OperationFailedError<State = unknown> extends ConnectorError {
  override readonly name: string = "OperationFailedError";
  /** The last answer about it. */
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

/** A call that starts something; `waitFor` gives what becomes of it. */
export class WaitableCall<T, Final> extends Call<T> {
  readonly #plan: Plan;

  constructor(work: Plan) {
    super(work, (at, exchange) => decode(at, exchange) as Promise<T>);
    this.#plan = work;
  }

  /**
   * Asks until the operation is over. Rejects with an {@link OperationFailedError}, with `wait.timeout` after `timeoutMs`
   * (the operation itself goes on at the API), and with the signal's reason.
   */
  async waitFor(options: WaitOptions): Promise<Final> {
    const clock = options.clock ?? waitingClock;
    const wait = this.#plan.spec.wait as WaitSpec;
    const deadline = clock.monotonic() + positive("timeoutMs", options.timeoutMs);
    const started = await within<T>(this, {
      clock,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
      late: () =>
        timedOut(`${this.#plan.spec.id} did not answer within`, options.timeoutMs, "maybe"),
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
        const what = `What ${this.#plan.spec.id} started was not over after`;
        throw timedOut(what, options.timeoutMs, "committed");
      }
      const state = await poll(this.#plan, wait, input, left, options.signal);
      options.onPoll?.(state);
      if (wait.failed !== undefined && wait.failed.length > 0 && allHold(wait.failed, state)) {
        throw new OperationFailedError(
          `What ${this.#plan.spec.id} started has failed`,
          this.#plan.context.secrets.clean(state),
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
  spec: OperationSpec,
  input?: unknown,
  options?: CallOptions,
): WaitableCall<T, Final> {
  return new WaitableCall<T, Final>(plan(client, spec, input, options));
}

function poll(
  started: Plan,
  wait: WaitSpec,
  input: Readonly<Record<string, unknown>>,
  left: number,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const { idempotencyKey: _, ...options } = started.options;
  const limit = Math.min(left, options.timeoutMs ?? left);
  const work: Plan = {
    context: started.context,
    spec: wait.poll(),
    input,
    options: { ...options, timeoutMs: limit, signal },
  };
  return Promise.resolve(new Call(work, (at, exchange) => decode(at, exchange)));
}

/** The system's clock, but its timers keep the process alive: somebody waits for them. */
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
