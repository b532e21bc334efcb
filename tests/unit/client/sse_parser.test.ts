import { describe, expect, test } from "bun:test";
import { SSEParser } from "../../../src/client/mod.ts";
import { streamOf } from "./helpers.ts";

const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}`;
const STREAM = [
  delta("Hel"),
  delta("lo"),
  ": ping",
  'data: {"choices":[]}',
  "data: broken",
  delta("!"),
  "data: [DONE]",
]
  .join("\n\n") + "\n\n";

describe("SSEParser", () => {
  test("parseStream concatenates the content, whatever ends the lines", () => {
    expect(SSEParser.parseStream(STREAM)).toBe("Hello!");
    expect(SSEParser.parseStream(STREAM.replaceAll("\n", "\r\n"))).toBe("Hello!");
    expect(SSEParser.parseStream(`\ufeff${STREAM}`)).toBe("Hello!");
    expect(SSEParser.parseStream(STREAM.replaceAll("data: ", "data:"))).toBe("Hello!");
    expect(SSEParser.parseStream("")).toBe("");
  });

  test("a last event without its blank line counts", () => {
    expect(SSEParser.parseStream(`${delta("a")}\n\n${delta("b")}`)).toBe("ab");
  });

  test("nothing counts after [DONE]", () => {
    expect(SSEParser.parseStream(`${delta("a")}\n\ndata: [DONE]\n\n${delta("b")}\n\n`)).toBe("a");
  });

  test("parseChunk takes one event, with or without its field name", () => {
    expect(SSEParser.parseChunk(delta("x"))).toBe("x");
    expect(SSEParser.parseChunk(delta("x").slice(6))).toBe("x");
    expect(SSEParser.parseChunk(`event: message\n${delta("x")}\n`)).toBe("x");
    for (
      const nothing of [
        "data: [DONE]",
        "data: {}",
        "data: nonsense",
        'data: {"choices":[{}]}',
        "data: null",
        "",
      ]
    ) {
      expect(SSEParser.parseChunk(nothing)).toBe(null);
    }
  });

  test("the generators give content by content", async () => {
    expect([...SSEParser.parseStreamGenerator(STREAM)]).toEqual(["Hel", "lo", "!"]);
    const collect = async (source: string | ReadableStream<Uint8Array>) => {
      const parts = [];
      for await (const part of SSEParser.parseStreamAsync(source)) parts.push(part);
      return parts;
    };
    expect(await collect(STREAM)).toEqual(["Hel", "lo", "!"]);
    expect(await collect(streamOf(STREAM.slice(0, 30), STREAM.slice(30)))).toEqual([
      "Hel",
      "lo",
      "!",
    ]);
  });
});
