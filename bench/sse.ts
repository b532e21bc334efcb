/** Server-sent events from bytes that are already in memory: the cost of parsing alone. */
import { OpenAI } from "../connectors/openai/mod.gen.ts";
import { parseSSE } from "../src/sse/mod.ts";
import type { Figure, Report, Target } from "./lib/report.ts";
import { interleave } from "./lib/rounds.ts";
import { median } from "./lib/stats.ts";

const EVENTS = 100_000;
const LARGE_BYTES = 2 * 1024 * 1024;
const encoder = new TextEncoder();

const chunk = {
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1_700_000_000,
  model: "gpt-4o-mini",
  choices: [{ index: 0, delta: { content: "Hello" }, finish_reason: null }],
};
const DONE = "data: [DONE]\n\n";

function eventsOf(count: number): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(chunk)}\n\n`.repeat(count) + DONE);
}

function largeEvent(): Uint8Array {
  const content = "x".repeat(LARGE_BYTES);
  const large = { ...chunk, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
  return encoder.encode(`data: ${JSON.stringify(large)}\n\n${DONE}`);
}

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(at, at += size));
    },
  });
}

async function count(items: AsyncIterable<unknown>, expected: number): Promise<void> {
  let seen = 0;
  for await (const _ of items) seen++;
  if (seen !== expected) throw new Error(`${seen} items instead of ${expected}`);
}

/** The generated client over a runtime that answers at once with the bytes. */
function chunks(bytes: Uint8Array, size: number): AsyncIterable<unknown> {
  const openai = new OpenAI({
    apiKey: "none",
    runtime: {
      call: () =>
        Promise.resolve({
          requestId: "1",
          status: 200,
          headers: [["content-type", "text/event-stream"]],
          body: inPieces(bytes, size),
          attempts: 1,
          durationUs: 1,
        }),
    },
  });
  return openai.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
  });
}

const MANY: Target = { is: "at most", value: 250 };
const LARGE: Target = { is: "at most", value: 50 };

export async function benchSse(rounds: number): Promise<Report> {
  const many = eventsOf(EVENTS);
  const large = largeEvent();
  const kib = 1024;
  const cases = {
    "100,000 events in 16 KB pieces, events only": () =>
      count(parseSSE(inPieces(many, 16 * kib)), EVENTS + 1),
    "100,000 events in 16 KB pieces, generated client": () => count(chunks(many, 16 * kib), EVENTS),
    "one event of 2 MB in 4 KB pieces, generated client": () => count(chunks(large, 4 * kib), 1),
  };
  const names = Object.keys(cases) as (keyof typeof cases)[];
  const times = await interleave(names, rounds + 1, async (name) => {
    const start = performance.now();
    await cases[name]();
    return performance.now() - start;
  });
  const figures = names.map((name): Figure => ({
    name,
    value: median(times[name].slice(1)),
    unit: "ms",
    target: name.startsWith("one") ? LARGE : MANY,
  }));
  return { benchmark: "sse", figures };
}
