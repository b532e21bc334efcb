/** One operation's call from its invocation to a value that can be shown as JSON. */
import { joinBytes, toBase64 } from "../../core/bytes.ts";
import type { Page } from "../../connector/answer/pages.ts";
import type { BodyOptions } from "../../connector/data/options.ts";
import type { Invocation } from "../../connector/definition/definition.ts";
import type { EventStream } from "../../connector/stream/event_stream.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import { type Media, mediaOf } from "./media.ts";
import type { Progress } from "./progress.ts";
import { answerText } from "../../worker/call/answer_text.ts";
import type { Entry } from "../../worker/registry.ts";

export interface Outcome {
  /** Undefined where the API answers nothing. */
  readonly value: unknown;
  /** There is another page to be asked for. */
  readonly morePages?: boolean;
  /** The same as something to be looked at or listened to. */
  readonly media?: Media | undefined;
}

/** The end of a text from its last gap on: what is not visible ASCII ends a word. */
const WORD_AT_END = /(?<![\x21-\x7e])[\x21-\x7e]*$/;
/** Items of a stream without a declared sum that are kept, in characters of JSON. */
const MAX_ITEMS_CHARS = 4 << 20;

/** Rejects with a ConnectorError. */
export async function runOperation(
  entry: Entry,
  { definition, operation }: CatalogEntry,
  input: unknown,
  options: BodyOptions<string>,
  progress: Progress | undefined,
  redact: (text: string) => string,
): Promise<Outcome> {
  const invocation: Invocation = definition.invoke(
    entry.client(options.tenantId),
    operation.id,
    input,
    options,
  );
  if (invocation.kind === "stream") {
    const stream = await invocation as EventStream<unknown, unknown>;
    const hasSum = operation.stream?.result !== undefined;
    const text = operation.stream?.text !== undefined;
    return shown(await readStream(stream, hasSum, text ? redact : undefined, progress));
  }
  if (invocation.kind === "pages") {
    const page = await invocation as Page<unknown, unknown>;
    return { value: page.data, morePages: page.hasNextPage() };
  }
  return shown(await plainValue(await invocation));
}

async function readStream(
  stream: EventStream<unknown, unknown>,
  hasSum: boolean,
  /** Absent: its items have no text. */
  redact: ((text: string) => string) | undefined,
  progress: Progress | undefined,
): Promise<unknown> {
  if (!hasSum) return collect(stream, progress);
  if (progress === undefined) return stream.finalResult();
  if (redact === undefined) {
    let count = 0;
    for await (const _ of stream) progress.report(++count);
    return stream.finalResult();
  }
  const [whole, shown] = stream.tee();
  const reported = report(shown, progress, redact);
  // What breaks the one breaks the other, and is reported once.
  reported.catch(() => {});
  const value = await whole.finalResult();
  await reported;
  return value;
}

/**
 * The text as it comes, without secrets: up to the last gap between words, because of half a secret nobody could tell that it is
 * one. Keys and tokens have no gaps.
 */
async function report(
  stream: EventStream<unknown, unknown>,
  progress: Progress,
  redact: (text: string) => string,
): Promise<void> {
  let count = 0;
  let held = "";
  for await (const text of stream.textStream) {
    const end = text.search(WORD_AT_END);
    const whole = end === 0 ? "" : redact(held + text.slice(0, end));
    held = end === 0 ? held + text : text.slice(end);
    progress.report(++count, whole);
  }
  if (held !== "") progress.report(++count, redact(held));
}

/** All items, or as many as there is room for. */
async function collect(
  stream: EventStream<unknown, unknown>,
  progress: Progress | undefined,
): Promise<unknown> {
  const items: unknown[] = [];
  const pieces: Uint8Array[] = [];
  let count = 0;
  let chars = 0;
  for await (const item of stream) {
    progress?.report(++count);
    if (item instanceof Uint8Array) {
      pieces.push(item);
      chars += item.length;
    } else {
      items.push(item);
      chars += answerText(item).length;
    }
    // Leaving the loop ends the call.
    if (chars > MAX_ITEMS_CHARS) break;
  }
  return pieces.length > 0 ? joinBytes(pieces, chars) : items;
}

async function plainValue(value: unknown): Promise<unknown> {
  if (value instanceof Blob) return new Uint8Array(await value.arrayBuffer());
  return value instanceof ReadableStream
    ? new Uint8Array(await new Response(value).arrayBuffer())
    : value;
}

/** Bytes as the output schema says. */
function shown(value: unknown): Outcome {
  if (!(value instanceof Uint8Array)) return { value };
  const base64 = toBase64(value);
  return { value: { base64, bytes: value.length }, media: mediaOf(value, base64) };
}
