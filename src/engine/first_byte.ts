/** The time until an answer begins, and the signal of an attempt that may end before its call does. */
import { CallAbort, type CallSignal } from "../core/async/call_signal.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { ActiveCall } from "./call.ts";
import type { Timers } from "./timers.ts";
import { hinted } from "./times.ts";

export interface FirstByte {
  readonly signal: CallSignal;
  cancel(): void;
}

/** Undefined: the deadline comes first anyway. */
export function firstByte(call: ActiveCall, timers: Timers): FirstByte | undefined {
  const limit = hinted("firstByteTimeoutMs", call.request.policy, call.tenant.times);
  if (limit >= call.timeoutMs) return undefined;
  const attempt = new CallAbort();
  const timeout = timers.after(limit, () => attempt.abort(noFirstByte(call, limit)));
  if (call.signal.aborted) attempt.abort(call.signal.reason);
  else call.signal.addEventListener("abort", () => attempt.abort(call.signal.reason));
  return { signal: attempt, cancel: () => timeout.cancel() };
}

function noFirstByte(call: ActiveCall, ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "timeout.first_byte",
    message: `${call.target?.host ?? "the upstream"} did not begin to answer within ${ms} ms`,
    origin: "upstream",
    sent: "maybe",
  });
}
