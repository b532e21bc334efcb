/** Sends a body in Data frames as fast as the peer's credit allows, reading its source no faster than that. */
import { MAX_DATA_BYTES } from "../messages/call.ts";
import type { SendCredit } from "./send_credit.ts";

/**
 * Resolves true once everything was sent, false if the call was closed before (the source is cancelled then).
 * Rejects if the source fails. The caller sends the End.
 */
export async function sendBody(
  source: ReadableStream<Uint8Array> | Uint8Array,
  callId: number,
  credit: SendCredit,
  send: (bytes: Uint8Array) => void,
): Promise<boolean> {
  if (source instanceof Uint8Array) return await sendBytes(source, callId, credit, send);
  const reader = source.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return true;
    if (!(await sendBytes(value, callId, credit, send))) {
      await reader.cancel().catch(() => {}); // The call is over: a failure to cancel its source does not matter.
      return false;
    }
  }
}

async function sendBytes(
  bytes: Uint8Array,
  callId: number,
  credit: SendCredit,
  send: (bytes: Uint8Array) => void,
): Promise<boolean> {
  for (let at = 0; at < bytes.length;) {
    const taken = credit.take(callId, Math.min(bytes.length - at, MAX_DATA_BYTES));
    const size = typeof taken === "number" ? taken : await taken;
    if (size === 0) return false;
    send(bytes.subarray(at, at + size));
    credit.sent(size);
    at += size;
  }
  return true;
}
