import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { withCosts } from "../../../../src/engine/limits/cost.ts";

const encoder = new TextEncoder();

/** What an answer costs, given in pieces of so many bytes; 0: whole. */
async function costs(type: string, text: string, from: string, size = 7): Promise<number[]> {
  const found: number[] = [];
  const bytes = encoder.encode(text);
  let at = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
  const { body } = withCosts({
    requestId: "",
    status: 200,
    headers: [["Content-Type", type]],
    body: size === 0 ? bytes : stream,
    attempts: 1,
    durationUs: 0,
  }, [{ from, settle: (cost) => found.push(cost) }]);
  expect(body instanceof Uint8Array ? body : await new Response(body).bytes()).toEqual(bytes);
  return found;
}

const EVENTS = [
  'data: {"type":"message_start","message":{"usage":{"input_tokens":25,"output_tokens":1}}}',
  'event: delta\ndata: {"type":"delta","text":"usage é 𝄞"}',
  ": comment",
  'data: {"usage":{"output_tokens":7}}',
  'data:{"usage":{"output_tokens":15}}',
  "data: [DONE]",
].join("\n\n") + "\n\n";
const SUM = "message.usage.input_tokens + usage.output_tokens";

describe("what an answer costs", () => {
  test("stands in its JSON, whole or streamed", async () => {
    const json = JSON.stringify({ usage: { total: 12, more: 3 }, text: "x".repeat(100) });
    for (const size of [0, 5]) {
      expect(await costs("application/json; charset=utf-8", json, "usage.total", size)).toEqual([
        12,
      ]);
      expect(await costs("application/json", json, "usage.total+usage.more", size)).toEqual([15]);
      expect(await costs("application/problem+json", json, "usage.none", size)).toEqual([]);
      expect(await costs("text/plain", json, "usage.total", size)).toEqual([]);
      expect(await costs("application/json", "{broken", "usage.total", size)).toEqual([]);
    }
  });

  test("stands where a stream says it last, however the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 60 }), async (size) => {
        for (const text of [EVENTS, EVENTS.replaceAll("\n", "\r\n")]) {
          expect(await costs("text/event-stream", text, SUM, size)).toEqual([40]);
        }
        const lines = '{"n":1}\n{"usage":{"n":2}}\n{"usage":{"n":5}}';
        expect(await costs("application/x-ndjson", lines, "usage.n", size)).toEqual([5]);
        const sequence = '\u001e{"usage":{"n":2}}\n\u001e{"usage":{"n":6}}\n';
        expect(await costs("application/json-seq", sequence, "usage.n", size)).toEqual([6]);
      }),
      { numRuns: 20 },
    );
  });

  test("is not looked for in lines and documents above 1 MiB", async () => {
    const long = `{"usage":{"n":1},"text":"${"x".repeat(1024 * 1024)}"}`;
    expect(await costs("application/json", long, "usage.n", 100_000)).toEqual([]);
    const lines = `{"usage":{"n":3}}\n${long}\n{"usage":{"n":4}}\n`;
    expect(await costs("application/jsonl", lines, "usage.n", 100_000)).toEqual([4]);
  });

  test("is what a stream reported so far when it is cancelled or breaks", async () => {
    const settled: number[] = [];
    const reply = (body: ReadableStream<Uint8Array>) =>
      withCosts({
        ...{ requestId: "", status: 200, attempts: 1, durationUs: 0, body },
        headers: [["content-type", "text/event-stream"]],
      }, [{ from: "n", settle: (cost) => settled.push(cost) }]).body as ReadableStream<Uint8Array>;
    let cancelled: unknown;
    const open = reply(
      new ReadableStream({
        pull: (controller) => controller.enqueue(encoder.encode('data: {"n":3}\n\n')),
        cancel: (reason) => void (cancelled = reason),
      }, { highWaterMark: 0 }),
    );
    const reader = open.getReader();
    await reader.read();
    await reader.cancel("enough");
    expect([settled, cancelled]).toEqual([[3], "enough"]);
    let pulls = 0;
    const broken = reply(
      new ReadableStream({
        pull(controller) {
          if (pulls++ > 0) throw new Error("reset");
          controller.enqueue(encoder.encode('data: {"n":4}\n\n'));
        },
      }, { highWaterMark: 0 }),
    );
    expect(await new Response(broken).text().catch((error: Error) => error.message))
      .toBe("reset");
    expect(settled).toEqual([3, 4]);
  });
});
