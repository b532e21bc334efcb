/** A call within a span of its own. */
import type { CallReply, CallRequest } from "../core/call.ts";
import type { CallSpan, Role, Telemetry } from "./contract.ts";
import { telemetry } from "./registered.ts";

type Next<Reply extends PromiseLike<CallReply>> = (request: CallRequest) => Reply;

/** Just calls `next` while no SDK is registered. */
export function traced<Reply extends PromiseLike<CallReply>>(
  role: Role,
  request: CallRequest,
  next: Next<Reply>,
): Reply | Promise<CallReply> {
  const recording = telemetry();
  return recording === undefined ? next(request) : record(recording, role, request, next);
}

async function record(
  recording: Telemetry | Promise<Telemetry | undefined>,
  role: Role,
  request: CallRequest,
  next: Next<PromiseLike<CallReply>>,
): Promise<CallReply> {
  const span = (await recording)?.call(request, role);
  if (span === undefined) return next(request);
  const { traceparent = request.traceparent } = span;
  try {
    const reply = await next({ ...request, traceparent });
    span.answered(reply);
    if (reply.body instanceof ReadableStream) return { ...reply, body: until(reply.body, span) };
    span.end();
    return reply;
  } catch (error) {
    span.failed(error);
    throw error;
  }
}

/** The same bytes; the span ends with them. Never reads ahead of the caller. */
export function until(
  body: ReadableStream<Uint8Array>,
  span: CallSpan,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const piece = await reader.read();
        if (!piece.done) return controller.enqueue(piece.value);
        controller.close();
        span.end();
      } catch (error) {
        span.failed(error);
        controller.error(error);
      }
    },
    async cancel(reason) {
      span.end();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
