/** Text records between separators: newline-delimited JSON and JSON sequences (RFC 7464). */
import { type Batches, iterate } from "./batches.ts";
import { type ByteBody, byteSource } from "./byte_source.ts";
import { type DecodeOptions, DEFAULT_MAX_EVENT_BYTES, refuseTooLarge } from "./events.ts";

const LF = "\n";
const RECORD_SEPARATOR = "\x1e";

/** The lines of a body that are not blank, without their ends (LF or CRLF). Single use. */
export function parseLines(
  body: ByteBody,
  options: DecodeOptions = {},
): AsyncIterableIterator<string, undefined> {
  return iterate(lineBatches(body, options));
}

export function lineBatches(body: ByteBody, options: DecodeOptions = {}): Batches<string> {
  return recordBatches(body, LF, "line", options);
}

/** The texts of a JSON sequence. Single use. */
export function parseJsonSequence(
  body: ByteBody,
  options: DecodeOptions = {},
): AsyncIterableIterator<string, undefined> {
  return iterate(sequenceBatches(body, options));
}

export function sequenceBatches(body: ByteBody, options: DecodeOptions = {}): Batches<string> {
  return recordBatches(body, RECORD_SEPARATOR, "record", options);
}

function recordBatches(
  body: ByteBody,
  separator: string,
  what: string,
  options: DecodeOptions,
): Batches<string> {
  const limit = options.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  const source = byteSource(body, options.signal);
  const decoder = new TextDecoder();
  // Kept as fragments and joined once: appending to one string at every chunk is quadratic for a long record.
  let fragments: string[] = [];
  let pending = 0;
  let tooLarge = false;
  let over = false;

  function split(text: string, batch: string[]): void {
    let start = 0;
    for (let end = text.indexOf(separator); end !== -1; end = text.indexOf(separator, start)) {
      const piece = text.slice(start, end);
      const record = (fragments.length === 0 ? piece : fragments.join("") + piece).trim();
      tooLarge ||= record.length > limit;
      if (record !== "" && !tooLarge) batch.push(record);
      fragments = [];
      pending = 0;
      start = end + 1;
    }
    if (start === text.length) return;
    fragments.push(start === 0 ? text : text.slice(start));
    pending += text.length - start;
  }

  return {
    async read() {
      // Records before one that is too large have been delivered by then.
      if (tooLarge) return refuseTooLarge(what, limit, source);
      if (over) return undefined;
      const batch: string[] = [];
      const chunk = await source.read();
      if (chunk === undefined) {
        over = true;
        split(decoder.decode() + separator, batch);
        return batch;
      }
      split(decoder.decode(chunk, { stream: true }), batch);
      tooLarge ||= pending > limit;
      return batch;
    },
    cancel: (reason) => {
      over = true;
      return source.cancel(reason);
    },
  };
}
