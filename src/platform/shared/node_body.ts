/** Bodies over node streams, with the backpressure of web streams. */
import type { ClientRequest, IncomingMessage } from "node:http";
import { NO_BYTES } from "./response.ts";

/** Sends a whole body, a streamed one as the socket takes it, or none. A failing source destroys the request. */
export function sendBody(
  outgoing: ClientRequest,
  body: Uint8Array | ReadableStream<Uint8Array> | null,
): void {
  if (body === null) outgoing.end();
  else if (body instanceof Uint8Array) outgoing.end(body);
  else {
    // The head goes out at once: an upstream may answer while the body is still being made.
    outgoing.flushHeaders();
    pump(outgoing, body).catch((error: unknown) => {
      destroyRequest(outgoing, error instanceof Error ? error : new Error(String(error)));
    });
  }
}

/**
 * Closes the socket too. A request that is destroyed before it has its socket gives one from the pool back unused, on Deno
 * with one more listener each time; so that waits until it has it, which is before anything is sent.
 */
export function destroyRequest(outgoing: ClientRequest, reason: Error): void {
  if (outgoing.socket) outgoing.destroy(reason);
  else outgoing.prependOnceListener("socket", () => void outgoing.destroy(reason));
}

async function pump(outgoing: ClientRequest, body: ReadableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  outgoing.once("close", () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { done, value } = await reader.read();
    if (outgoing.destroyed) return;
    if (done) {
      outgoing.end();
      return;
    }
    if (!outgoing.write(value)) await drained(outgoing);
  }
}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      outgoing.off("drain", go).off("close", go);
      resolve();
    };
    outgoing.on("drain", go).on("close", go);
  });
}

/** A body of announced length, collected. */
export function readWhole(
  incoming: IncomingMessage,
  length: number,
  why: () => unknown,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let out: Uint8Array = NO_BYTES;
    let at = 0;
    incoming.on("data", (piece: Uint8Array) => {
      if (at === 0 && piece.byteLength === length) {
        out = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
        at = length;
        return;
      }
      if (at === 0) out = new Uint8Array(length);
      out.set(piece, at);
      at += piece.byteLength;
    });
    incoming.on("end", () => at === length ? resolve(out) : reject(cut()));
    incoming.on("error", (error: unknown) => reject(why() ?? error));
    incoming.on("close", () => reject(why() ?? cut()));
  });
}

/**
 * A body as a stream; `why` knows of a better reason than the stream's own error. Nothing is read before it is asked for,
 * cancelling closes the socket. What had arrived when the connection broke is delivered before the error.
 */
export function readStream(
  incoming: IncomingMessage,
  why: () => unknown,
): ReadableStream<Uint8Array> {
  let over = false;
  let asked = false;
  let last: (() => void) | undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const fail = (error: unknown): void => {
        if (over) return;
        over = true;
        const reason = why();
        const rest = reason === undefined
          ? incoming.read(incoming.readableLength) as Uint8Array | null
          : null;
        if (rest === null) return controller.error(reason ?? error);
        last = () => {
          controller.enqueue(new Uint8Array(rest.buffer, rest.byteOffset, rest.byteLength));
          controller.error(error);
        };
        if (asked) last();
      };
      incoming.on("data", (piece: Uint8Array) => {
        if (over) return;
        asked = false;
        controller.enqueue(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause();
      });
      incoming.on("end", () => {
        if (over) return;
        if (!incoming.complete) return fail(cut());
        over = true;
        controller.close();
      });
      incoming.on("error", fail);
      incoming.on("close", () => fail(cut()));
      incoming.pause();
    },
    pull() {
      if (last !== undefined) return last();
      asked = true;
      incoming.resume();
    },
    cancel() {
      over = true;
      incoming.destroy();
    },
  }, { highWaterMark: 0 });
}

function cut(): Error {
  return Object.assign(new Error("the response ended early"), { code: "ECONNRESET" });
}
