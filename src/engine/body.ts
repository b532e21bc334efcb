/** Bodies in both directions, watched: idle gaps, bytes, cancellation, late failures. */
import { readerOf } from "../core/async/direct_reader.ts";
import { firstHeader } from "../core/headers.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../core/errors.ts";
import { type ActiveCall, cancelled, stamp } from "./call.ts";
import { classifyFailure } from "../http/classify.ts";
import type { Timers } from "./timers.ts";

/**
 * The response as the caller reads it. Its end ends the call; an abort errors it at once, even if unread, with the abort's reason;
 * cancelling it stops the upstream. Never reads ahead of the caller.
 */
export function guardResponse(
  call: ActiveCall,
  stream: ReadableStream<Uint8Array>,
  idleMs: number,
  timers: Timers,
): ReadableStream<Uint8Array> {
  const reader = readerOf(stream);
  const peer = call.target?.host ?? "the upstream";
  let fail: (error: ConnectorError) => void = () => {};
  const onAbort = (): void => fail(toConnectorError(call.signal.reason));
  /** The stream pulls again when it is asked again, though nothing has come yet. */
  let asked = false;

  return new ReadableStream<Uint8Array>({
    start(controller) {
      fail = (cause) => {
        const error = stamp(cause, call);
        reader.cancel(error);
        controller.error(error);
        call.finish({ error });
      };
      call.onFinish(() => call.signal.removeEventListener("abort", onAbort));
      if (call.signal.aborted) onAbort();
      else call.signal.addEventListener("abort", onAbort);
    },
    // Returns at once: what it enqueues later is what the stream waits for.
    pull(controller) {
      if (asked) return;
      asked = true;
      // Armed only while the caller waits for the upstream: a slow reader is not an idle upstream.
      const idle = timers.after(idleMs, () => call.abort(idleFor(idleMs, peer)));
      reader.read().then(({ value }) => {
        asked = false;
        idle.cancel();
        if (call.signal.aborted) return;
        if (value === undefined) {
          controller.close();
          call.finish({});
          return;
        }
        call.bytesIn += value.byteLength;
        controller.enqueue(value);
      }, (error: unknown) => {
        idle.cancel();
        if (call.signal.aborted) return;
        fail(classifyFailure(error, { phase: "body", passedOn: true, peer }));
      });
    },
    cancel(reason) {
      const error = cancelled("committed", reason);
      call.finish({ error });
      if (call.goesOn?.() !== true) call.stop(error);
      reader.cancel(error);
    },
  }, { highWaterMark: 0 });
}

/**
 * The request body as the upstream reads it: counted, and released when the call ends; its failure ends the call. A body
 * that is not as long as its content-length ends the call too: the surplus would be read as another request.
 */
export function guardRequestBody(
  call: ActiveCall,
  stream: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const announced = firstHeader(call.request.headers, "content-length");
  const length = announced === undefined ? undefined : Number(announced);
  let sent = 0;
  let over = false;
  const release = (reason: unknown): void => {
    if (over) return;
    over = true;
    reader.cancel(reason).catch(() => {});
  };
  call.onFinish(({ error }) => release(error));
  return new ReadableStream<Uint8Array>({
    start(controller) {
      call.signal.addEventListener("abort", () => {
        if (over) return;
        release(call.signal.reason);
        controller.error(call.signal.reason);
      });
    },
    async pull(controller) {
      try {
        const piece = await reader.read();
        if (over) return;
        if (piece.done) {
          if (length !== undefined && sent < length) {
            return call.abort(wrongLength(sent, length, call));
          }
          over = true;
          controller.close();
        } else if (piece.value instanceof Uint8Array) {
          call.bytesOut += piece.value.byteLength;
          sent += piece.value.byteLength;
          if (length !== undefined && sent > length) {
            return call.abort(wrongLength(sent, length, call));
          }
          controller.enqueue(piece.value);
        } else {throw new TypeError(
            `a piece of the request body is ${typeof piece.value}, not a Uint8Array`,
          );}
      } catch (error) {
        if (over) return;
        call.abort(bodyFailed(call, error));
      }
    },
    cancel: release,
  }, { highWaterMark: 0 });
}

function idleFor(ms: number, peer: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "timeout.idle",
    message: `${peer} sent nothing for ${ms} ms in the middle of its response`,
    origin: "upstream",
    sent: "committed",
  });
}

function wrongLength(sent: number, announced: number, call: ActiveCall): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "request.content_length",
    message: `the request body has ${sent > announced ? "at least " : ""}${sent} bytes, ` +
      `but its content-length says ${announced}`,
    origin: "caller",
    sent: call.sent,
  });
}

function bodyFailed(call: ActiveCall, cause: unknown): ConnectorError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "request.body_failed",
    message: `the stream given as request body failed: ${text}`,
    origin: "caller",
    sent: call.sent,
    cause,
  });
}
