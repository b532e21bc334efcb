/** Parses server-sent events from bytes as they arrive. */
import { badAnswer } from "../core/errors.ts";
import { type Batches, iterate } from "./batches.ts";
import { type ByteBody, byteSource } from "./byte_source.ts";
import { eventParser, type ServerSentEvent } from "./event_parser.ts";

export interface DecodeOptions {
  /** Ends the stream; reading then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Largest single event, line or record, in bytes of text. Default: 10 MiB. */
  readonly maxEventBytes?: number | undefined;
}

export const DEFAULT_MAX_EVENT_BYTES: number = 10 * 1024 * 1024;

/**
 * The events of a body. Single use; leaving the loop cancels the body. LF, CR and CRLF, a byte order mark, comments and
 * characters split between chunks are handled. An event at the end without its blank line still counts: bodies that
 * were cut off error by themselves, so a clean end means that the server stopped there.
 *
 * Rejects with `stream.event_too_large` above `maxEventBytes`, and with whatever the body errors with.
 */
export function parseSSE(
  body: ByteBody,
  options: DecodeOptions = {},
): AsyncIterableIterator<ServerSentEvent, undefined> {
  return iterate(sseBatches(body, options));
}

/** The same in batches, one per chunk. */
export function sseBatches(body: ByteBody, options: DecodeOptions = {}): Batches<ServerSentEvent> {
  const limit = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  const source = byteSource(body, options.signal);
  // The parser removes exactly one byte order mark.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let batch: ServerSentEvent[] = [];
  let tooLarge = false;
  let over = false;
  const parser = eventParser(limit, (event) => batch.push(event));
  return {
    async read() {
      // Events before one that is too large have been delivered by then.
      if (tooLarge) return refuseTooLarge("server-sent event", limit, source);
      if (over) return undefined;
      const chunk = await source.read();
      batch = [];
      if (!chunk) {
        over = true;
        tooLarge = !parser.feed(`${decoder.decode()}\n\n`);
      } else {
        tooLarge = !parser.feed(decoder.decode(chunk, { stream: true }));
      }
      return batch;
    },
    rest: parser.rest,
    cancel: (reason) => {
      over = true;
      return source.cancel(reason);
    },
  };
}

/** Ends the source, then throws `stream.event_too_large`. */
export async function refuseTooLarge(
  what: string,
  limit: number,
  source: { cancel(reason?: unknown): Promise<void> },
): Promise<never> {
  const error = badAnswer(
    "stream.event_too_large",
    `A ${what} in the stream is larger than ${limit} bytes: raise maxEventBytes if that is right for this API`,
  );
  await source.cancel(error).catch(() => {});
  throw error;
}
