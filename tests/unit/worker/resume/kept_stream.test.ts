/** Ids of items: whatever pieces a stream comes in, each id leads to exactly what follows its item. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parseLines, parseSSE } from "../../../../src/sse/mod.ts";
import { readEventId } from "../../../../src/worker/resume/event_id.ts";
import { KeptStream, separatorOf } from "../../../../src/worker/resume/kept_stream.ts";
import { halfOf } from "../../../support/share.ts";
import { testOperation } from "../support.ts";

const FORMATS = {
  sse: {
    write: (item: string, end: string) => `:ping${end}data: ${item}${end}id: 7${end}${end}`,
    parse: async function* (body: ReadableStream<Uint8Array>) {
      for await (const { data } of parseSSE(body)) yield data;
    },
  },
  ndjson: {
    write: (item: string, end: string) => `${item}${end}`,
    parse: (body: ReadableStream<Uint8Array>) => parseLines(body),
  },
};

async function read(
  format: keyof typeof FORMATS,
  bytes: Uint8Array,
  cuts: readonly number[],
  from: string | undefined,
  upTo: number,
): Promise<{ items: unknown[]; position: string | undefined }> {
  const stream = new KeptStream("owner", format, readEventId(from));
  const rest = bytes.subarray(stream.keep.from ?? 0);
  let [at, cut] = [0, 0];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= rest.length) return controller.close();
      const size = cuts[cut++ % cuts.length] ?? 1;
      controller.enqueue(rest.slice(at, at += size));
    },
  }, { highWaterMark: 0 });
  const reply = { requestId: "", status: 200, headers: [], attempts: 1, durationUs: 0, body };
  const followed = stream.keep.onReply({ ...reply, kept: true }).body as ReadableStream<Uint8Array>;
  const source = stream.items(FORMATS[format].parse(followed)[Symbol.asyncIterator]());
  const items: unknown[] = [];
  while (items.length < upTo) {
    const { done, value } = await source.next();
    if (done === true) break;
    items.push(value);
  }
  return { items, position: stream.position };
}

for (const format of ["sse", "ndjson"] as const) {
  test(`going on with ${format} from any item gives the rest, once`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-zé€]{1,6}$/), { minLength: 1, maxLength: 12 }),
        fc.constantFrom("\n", "\r\n"),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(4), { maxLength: 5 }),
        async (items, end, cuts, stops) => {
          const bytes = new TextEncoder().encode(
            items.map((item) => FORMATS[format].write(item, end)).join(""),
          );
          const got: unknown[] = [];
          let from: string | undefined;
          for (const stop of [...stops, Infinity]) {
            const part = await read(format, bytes, cuts, from, stop);
            got.push(...part.items);
            if (part.items.length > 0) from = part.position;
          }
          expect(got).toEqual(items);
        },
      ),
      halfOf(100),
    );
  });
}

describe("what can be gone on with", () => {
  const stream = { format: "sse", item: {} } as const;
  const when = [{ path: ["stream"], oneOf: [true] }];
  const operation = testOperation("x");

  test("is what streams in items, by the input", () => {
    expect(separatorOf(operation, {})).toBe(undefined);
    expect(separatorOf({ ...operation, stream: { ...stream, when: [] } }, {})).toBe("sse");
    const asked = { ...operation, stream: { ...stream, when } };
    expect(separatorOf(asked, { stream: true })).toBe("sse");
    expect(separatorOf(asked, { stream: false })).toBe(undefined);
    const inBody = { ...asked, body: { kind: "json", contentType: "", required: true, key: "b" } };
    expect(separatorOf(inBody as never, { b: { stream: true } })).toBe("sse");
    const bytes = { ...operation, stream: { ...stream, when: [], format: "bytes" as const } };
    expect(separatorOf(bytes, {})).toBe(undefined);
  });
});
