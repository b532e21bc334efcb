/** A span for each attempt, whose trace context the API gets; none as long as no SDK is registered. */
import type { CallReply, HeaderList } from "../../core/call.ts";
import { type Telemetry, telemetry } from "../../telemetry/mod.ts";
import type { ActiveCall } from "../call.ts";
import type { Next, Stage } from "../stage.ts";

export const trace: Stage = (call, next) => {
  const recording = telemetry();
  return recording === undefined ? next(call) : record(recording, call, next);
};

async function record(
  recording: Telemetry | Promise<Telemetry | undefined>,
  call: ActiveCall,
  next: Next,
): Promise<CallReply> {
  const { request } = call;
  const { connector, operation, method, traceparent: parent } = request;
  const url = call.target?.url ?? new URL(request.url);
  const span = (await recording)?.attempt({
    ...{ connector, operation, method, parent },
    url,
    database: call.asked?.kind,
    resends: call.attempts,
  });
  if (span === undefined) return next(call);
  if (span.traceparent !== undefined) {
    call.request = { ...request, headers: withContext(request.headers, span.traceparent) };
  }
  try {
    const reply = await next(call);
    span.answered(reply);
    if (reply.body instanceof Uint8Array) span.end();
    else call.onFinish(({ error }) => error === undefined ? span.end() : span.failed(error));
    return reply;
  } catch (error) {
    span.failed(error);
    throw error;
  } finally {
    // Another attempt has a context of its own.
    call.request = request;
  }
}

function withContext(headers: HeaderList, traceparent: string): HeaderList {
  const others = headers.filter(([name]) => name.toLowerCase() !== "traceparent");
  return [...others, ["traceparent", traceparent]];
}
