/** Sends a prepared answer, at its pace and with the requested fault. */
import type { Fault } from "../faults.ts";
import type { MockAnswer } from "./answer.ts";
import { breakPieces, type Pace, pacedBody } from "../stream.ts";

/** `error` is the content of a fault of kind `error-event`. */
export function sendAnswer(
  answer: MockAnswer,
  pace: Pace,
  fault: Fault | undefined,
  error: () => unknown,
): Response {
  const headers = new Headers();
  if (answer.contentType !== undefined) headers.set("content-type", answer.contentType);
  for (const [name, value] of answer.headers) headers.append(name, value);
  const init = { status: answer.status, headers };
  const [first] = answer.pieces;
  if (first === undefined) return new Response(null, init);
  if (!answer.streamed && fault?.kind === undefined && pace.firstDelayMs === 0) {
    return new Response(typeof first === "string" ? first : new Uint8Array(first), init);
  }
  const half = Math.ceil(first.length / 2);
  const pieces = answer.streamed ? answer.pieces : [first.slice(0, half), first.slice(half)];
  const text = JSON.stringify(error());
  const body = pacedBody(
    breakPieces(
      pieces,
      answer.streamed || fault === undefined ? fault : { ...fault, after: 1 },
      answer.streamed ? `event: error\ndata: ${text}\n\n` : text,
    ),
    { ...pace, delayMs: fault?.chunkDelayMs ?? pace.delayMs },
    () => {},
  );
  return new Response(body, init);
}
