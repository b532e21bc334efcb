/** A call that waits and its result as bytes, in the messages of the wire. */
import type { CallRequest, JobResult } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { callHead, callStart, encodePayload, end, headOf, replyOf } from "../../wire/mod.ts";

export interface Job {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly submittedAt: number;
  readonly webhook: string | undefined;
  /** Its body is whole. */
  readonly call: CallRequest;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NO_BYTES = new Uint8Array(0);

/** `u32 length`, the job as JSON, the call as a CallStart. */
export function encodeJob({ call, ...job }: Job): Uint8Array {
  const about = encoder.encode(JSON.stringify(job));
  const body = call.body instanceof Uint8Array ? call.body : null;
  const start = encodePayload(callStart, {
    callId: 1,
    bodyFollows: false,
    reportRetries: false,
    call: { ...call, body },
  });
  const bytes = new Uint8Array(4 + about.length + start.length);
  new DataView(bytes.buffer).setUint32(0, about.length);
  bytes.set(about, 4);
  bytes.set(start, 4 + about.length);
  return bytes;
}

/** @throws if the bytes are not a job. */
export function decodeJob(bytes: Uint8Array): Job {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  const about = JSON.parse(decoder.decode(bytes.subarray(4, 4 + length))) as Omit<Job, "call">;
  // A table starts at a multiple of 8.
  const { call } = callStart.decode(bytes.slice(4 + length));
  return { ...about, call };
}

export function encodeResult({ reply, error }: JobResult): Uint8Array {
  if (error !== undefined) return tagged(1, encodePayload(end, { callId: 1, trailers: [], error }));
  const { body } = reply;
  const whole = body instanceof Uint8Array ? body : NO_BYTES;
  return tagged(0, encodePayload(callHead, headOf(reply, 1, whole)));
}

/** @throws if the bytes are not a result. */
export function decodeResult(bytes: Uint8Array): JobResult {
  const payload = bytes.slice(1);
  if (bytes[0] === 1) {
    return { error: end.decode(payload).error ?? unreadable() };
  }
  const head = callHead.decode(payload);
  return { reply: replyOf(head, head.body.slice()) };
}

function tagged(tag: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = tag;
  bytes.set(payload, 1);
  return bytes;
}

function unreadable(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "submit.invalid",
    message: "The result of the job cannot be read",
  });
}
