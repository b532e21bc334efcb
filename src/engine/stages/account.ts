/** Keeps accounts: calls in progress, their outcomes, bytes transferred. */
import { type TraceContext, traceContext } from "../../core/call_headers.ts";
import type { Clock } from "../../core/clock.ts";
import { type ErrorClass, type ErrorClassName, errorClassName } from "../../core/errors.ts";
import { statusClass } from "../../http/status.ts";
import type { ActiveCall, Outcome } from "../call.ts";
import type { Stage } from "../stage.ts";

/** A finished call, for metrics and logs. Holds no URL, header or body. */
export interface CallRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly connector: string;
  readonly operation: string;
  readonly method: string;
  /** `api.example.com`, or empty if the URL was refused. */
  readonly host: string;
  /** 0 if there was no response. */
  readonly status: number;
  readonly errorClass: ErrorClass;
  /** Code of the error, if there was no whole response. */
  readonly code: string | undefined;
  readonly attempts: number;
  /** Of these, made beside others. */
  readonly hedges: number;
  /** Time between attempts, ms. */
  readonly waitedMs: number;
  /** Time in queues, ms. */
  readonly queuedMs: number;
  /** From arrival to the last byte, ms. */
  readonly durationMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Trace id of the caller's `traceparent`; undefined if it is missing or malformed. */
  readonly trace: TraceContext | undefined;
}

export interface EngineStats {
  /** Calls in progress, streamed responses included. */
  readonly active: number;
  readonly total: number;
  /** Finished calls; a response counts by its status. */
  readonly byClass: Readonly<Record<ErrorClassName, number>>;
  /** Response body bytes, decoded. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Sum over finished calls, ms. */
  readonly durationMs: number;
}

export interface Accounting {
  readonly stage: Stage;
  stats(): EngineStats;
}

export function account(clock: Clock, onCall?: (record: CallRecord) => void): Accounting {
  let active = 0;
  let total = 0;
  let bytesIn = 0;
  let bytesOut = 0;
  let durations = 0;
  const classes = [0, 0, 0, 0, 0, 0];

  function settle({ error, durationMs: known }: Outcome, call: ActiveCall): void {
    const errorClass = error ? error.errorClass : statusClass(call.status);
    const durationMs = known ?? clock.monotonic() - call.startedAt;
    active--;
    classes[errorClass] = (classes[errorClass] ?? 0) + 1;
    bytesIn += call.bytesIn;
    bytesOut += call.bytesOut;
    durations += durationMs;
    onCall?.({
      id: call.id,
      tenantId: call.request.tenantId,
      connector: call.request.connector,
      operation: call.request.operation,
      method: call.request.method,
      host: call.target?.host ?? "",
      status: call.status,
      errorClass,
      code: error?.code,
      attempts: call.attempts,
      hedges: call.hedges,
      waitedMs: call.waitedMs,
      queuedMs: call.queuedMs,
      durationMs,
      bytesIn: call.bytesIn,
      bytesOut: call.bytesOut,
      trace: traceContext(call.request.traceparent),
    });
  }

  return {
    stage(call, next) {
      active++;
      total++;
      call.onFinish(settle);
      return next(call);
    },
    stats: () => ({
      active,
      total,
      byClass: Object.fromEntries(
        classes.map((count, value) => [errorClassName(value as ErrorClass), count]),
      ) as Record<ErrorClassName, number>,
      bytesIn,
      bytesOut,
      durationMs: durations,
    }),
  };
}
