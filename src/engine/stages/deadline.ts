/** The one clock over a call: from arrival to the last byte of the response, whatever happens in between. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import type { ActiveCall } from "../call.ts";
import { reached } from "../hedge/branch.ts";
import type { Stage } from "../stage.ts";
import type { Timers } from "../timers.ts";

export function deadline(timers: Timers): Stage {
  return (call, next) => {
    // Nothing before this stage waits, so all the time is still left; equal lengths share one timer.
    call.timeout = timers.after(call.timeoutMs, expire, call, call.startedAt);
    return next(call);
  };
}

function expire(call: ActiveCall): void {
  call.abort(exceeded(call));
}

function exceeded(call: ActiveCall): ConnectorError {
  const sent = reached(call);
  const waitingFor = call.waitingFor ?? call.branches?.[0]?.waitingFor;
  const where = waitingFor !== undefined
    ? `in the queue for ${waitingFor}`
    : sent === "no"
    ? "before the request was sent"
    : sent === "maybe"
    ? "while waiting for the response"
    : "while the response was arriving";
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "deadline.exceeded",
    message: `the call's deadline of ${call.timeoutMs} ms passed ${where}`,
    origin: sent === "no" ? "local" : "upstream",
    sent,
  });
}
