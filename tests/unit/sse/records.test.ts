import { describe, expect, test } from "bun:test";
import { byteBatches, iterate, parseJsonSequence, parseLines } from "../../../src/sse/mod.ts";
import { chunked, collect, pieces } from "../../support/streams.ts";

describe("lines", () => {
  for (const size of [1, 4, 1000]) {
    test(`LF and CRLF, blank lines skipped, in pieces of ${size}`, async () => {
      const text = '{"a":1}\r\n\n{"b":"ü🎉"}\n  \n{"c":3}';
      expect(await collect(parseLines(chunked(pieces(text, size))))).toEqual([
        '{"a":1}',
        '{"b":"ü🎉"}',
        '{"c":3}',
      ]);
    });
  }

  test("a long line is refused before it is whole", async () => {
    const body = chunked(pieces("x".repeat(5000), 100));
    await expect(collect(parseLines(body, { maxEventBytes: 1000 }))).rejects.toMatchObject({
      code: "stream.event_too_large",
    });
  });

  test("what comes before a long line is delivered, though it came in the same chunk", async () => {
    for (const end of ["\n4\n", ""]) {
      const seen: string[] = [];
      const reading = (async () => {
        const body = chunked([`1\n2\n${"x".repeat(2000)}${end}`]);
        for await (const line of parseLines(body, { maxEventBytes: 1000 })) seen.push(line);
      })();
      await expect(reading).rejects.toMatchObject({ code: "stream.event_too_large" });
      expect(seen).toEqual(["1", "2"]);
    }
  });
});

describe("JSON sequences", () => {
  for (const size of [1, 5, 1000]) {
    test(`records between separators, in pieces of ${size}`, async () => {
      const text = '\x1e{"a":1}\n\x1e\x1e{\n"b":2}\n\x1e{"c":3}\n';
      expect(await collect(parseJsonSequence(chunked(pieces(text, size))))).toEqual([
        '{"a":1}',
        '{\n"b":2}',
        '{"c":3}',
      ]);
    });
  }
});

test("bytes come as they are", async () => {
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  const parts = await collect(
    iterate(byteBatches(chunked([all.subarray(0, 100), all.subarray(100)]))),
  );
  expect(parts.map((part) => part.length)).toEqual([100, 156]);
  expect(new Uint8Array(parts.flatMap((part) => [...part]))).toEqual(all);
});
