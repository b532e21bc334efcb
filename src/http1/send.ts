/** A streamed request body, at the pace of the socket. */
import type { HeaderList } from "../core/call.ts";
import type { Connection } from "./connection.ts";
import { announcedLength, asChunk, LAST_CHUNK } from "./request.ts";

export interface Sending {
  /** The body is no longer wanted. */
  over(): boolean;
  /** The whole body was passed to the connection. */
  sent(): void;
  failed(error: unknown): void;
}

/** Returns a function that releases the source before its end. */
export function sendStream(
  body: ReadableStream<Uint8Array>,
  headers: HeaderList,
  connection: Connection,
  sending: Sending,
): () => void {
  const length = announcedLength(headers);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  async function pump(): Promise<void> {
    reader = body.getReader();
    let left = length ?? 0;
    for (;;) {
      if (!connection.drained) await drained(connection);
      if (sending.over()) return;
      const { done, value } = await reader.read();
      if (sending.over()) return;
      if (done) break;
      // An empty chunk would end the body.
      if (value.byteLength === 0) continue;
      left -= value.byteLength;
      if (length !== undefined && left < 0) throw wrongLength(length);
      connection.write(length === undefined ? asChunk(value) : value);
    }
    if (left > 0) throw wrongLength(length);
    if (length === undefined) connection.write(LAST_CHUNK);
    sending.sent();
  }

  const stop = (): void => {
    reader?.cancel().catch(() => {});
  };
  pump().catch((error: unknown) => {
    if (sending.over()) return;
    sending.failed(error);
  });
  return stop;
}

function drained(connection: Connection): Promise<void> {
  return new Promise((resolve) => connection.onDrained(resolve));
}

/** A longer body would be read as another request, a shorter one would wait forever. */
function wrongLength(length: number | undefined): Error {
  return new Error(`it is not as long as its content-length of ${length}`);
}
