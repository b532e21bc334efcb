import { describe, expect, test } from "bun:test";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { parseSSE, type ServerSentEvent } from "../../../src/sse/mod.ts";
import { chunked, collect, pieces } from "../../support/streams.ts";

function datas(events: readonly ServerSentEvent[]): string[] {
  return events.map((event) => event.data);
}

function referenceEvents(text: string): ServerSentEvent[] {
  const events: ServerSentEvent[] = [];
  const parser = createParser({ onEvent: (event) => void events.push(event) });
  parser.feed(`${text}\n\n`);
  return events;
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(() => undefined, (error: unknown) => error);
}

describe("line ends", () => {
  for (const [name, end] of [["LF", "\n"], ["CR", "\r"], ["CRLF", "\r\n"]] as const) {
    for (const size of [1, 2, 3, 1000]) {
      test(`${name} in pieces of ${size} bytes`, async () => {
        const text = [
          "event: a",
          "data: 1",
          "data: 2",
          "",
          ": comment",
          "id: 7",
          "data: ä€🎉",
          "",
          "",
        ].join(end);
        const events = await collect(parseSSE(chunked(pieces(text, size))));
        expect(datas(events)).toEqual(["1\n2", "ä€🎉"]);
        expect(events[0]?.event).toBe("a");
        expect(events[1]?.event).toBeUndefined();
        expect(events[1]?.id).toBe("7");
      });
    }
  }
});

describe("what bodies may look like", () => {
  test("a byte order mark is skipped, once", async () => {
    expect(datas(await collect(parseSSE(chunked(pieces("\ufeffdata: 1\n\n", 1)))))).toEqual(["1"]);
    // The second one is part of a field name that nobody knows.
    expect(datas(await collect(parseSSE(chunked(["\ufeff\ufeffdata: 1\n\ndata: 2\n\n"]))))).toEqual(
      ["2"],
    );
  });

  test("the last event needs no blank line", async () => {
    expect(datas(await collect(parseSSE(chunked(["data: 1\n\ndata: 2\n"]))))).toEqual(["1", "2"]);
    expect(datas(await collect(parseSSE(chunked(["data: 1\n\ndata: 2"]))))).toEqual(["1", "2"]);
  });

  test("retry is reported with the event that follows it", async () => {
    const [first, second] = await collect(
      parseSSE(chunked(["retry: 1500\ndata: 1\n\nretry: x\ndata: 2\n\n"])),
    );
    expect(first?.retry).toBe(1500);
    expect(second?.retry).toBeUndefined();
  });

  test("a whole body is read like a streamed one", async () => {
    const text = "data: 1\n\n".repeat(30_000);
    expect((await collect(parseSSE(new TextEncoder().encode(text)))).length).toBe(30_000);
  });

  test("an empty body has no events", async () => {
    expect(await collect(parseSSE(new Uint8Array()))).toEqual([]);
    expect(await collect(parseSSE(chunked([])))).toEqual([]);
  });

  test("however a body is cut, the events are those of the reference parser", async () => {
    const line = fc.constantFrom(
      "data: x",
      "data:",
      "data: ü€🎉",
      "event: e",
      "id: 1",
      ": c",
      "retry: 5",
      "nonsense",
      "",
    );
    const end = fc.constantFrom("\n", "\r", "\r\n");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(line, end), { maxLength: 30 }),
        fc.integer({ min: 1, max: 9 }),
        async (lines, size) => {
          const text = lines.map((parts) => parts.join("")).join("");
          const whole = await collect(parseSSE(new TextEncoder().encode(text)));
          expect(whole.map(({ retry: _, ...event }) => event)).toEqual(referenceEvents(text));
          expect(await collect(parseSSE(chunked(pieces(text, size))))).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("limits", () => {
  for (const size of [7, 100_000]) {
    test(`an event above maxEventBytes is refused, in pieces of ${size}`, async () => {
      let cancelled: unknown;
      const text = `data: 1\n\ndata: ${"x".repeat(5000)}\n\n`;
      const body = chunked(pieces(text, size), { onCancel: (reason) => cancelled = reason });
      const error = await rejection(collect(parseSSE(body, { maxEventBytes: 1000 })));
      expect(error).toMatchObject({ code: "stream.event_too_large" });
      expect(String(error)).toContain("1000 bytes");
      expect(cancelled).toBe(error);
    });
  }

  test("what comes before an event above maxEventBytes is delivered, though it came in the same chunk", async () => {
    const seen: string[] = [];
    const text = `data: 1\n\ndata: 2\n\ndata: ${"x".repeat(2000)}\n\ndata: 3\n\n`;
    const error = await rejection((async () => {
      for await (const event of parseSSE(chunked([text]), { maxEventBytes: 1000 })) {
        seen.push(event.data);
      }
    })());
    expect(error).toMatchObject({ code: "stream.event_too_large" });
    expect(seen).toEqual(["1", "2"]);
  });

  test("many lines of one event count together", async () => {
    const text = `${"data: 0123456789\n".repeat(200)}\n`;
    const error = await rejection(
      collect(parseSSE(chunked(pieces(text, 50)), { maxEventBytes: 1000 })),
    );
    expect(error).toMatchObject({ code: "stream.event_too_large" });
  });

  test("the time for a large event grows with its size, not with its square", async () => {
    // 65,536 pieces: work for each that grows with what came before is half a terabyte, which no limit of a test allows.
    const size = 16 * 1024 * 1024;
    const large = pieces(`data: ${"x".repeat(size)}\n\n`, 256);
    const [event] = await collect(parseSSE(chunked(large), { maxEventBytes: 2 * size }));
    expect(event?.data.length).toBe(size);
  });
});

describe("ends", () => {
  test("an error of the body comes after the events before it", async () => {
    const seen: string[] = [];
    const boom = new Error("reset");
    const error = await rejection((async () => {
      for await (const event of parseSSE(chunked(["data: 1\n\ndata: 2"], { failWith: boom }))) {
        seen.push(event.data);
      }
    })());
    expect(error).toBe(boom);
    expect(seen).toEqual(["1"]);
  });

  test("leaving the loop cancels the body", async () => {
    let cancelled = false;
    const body = chunked(["data: 1\n\ndata: 2\n\n", "data: 3\n\n"], {
      onCancel: () => cancelled = true,
    });
    for await (const event of parseSSE(body)) {
      expect(event.data).toBe("1");
      break;
    }
    expect(cancelled).toBe(true);
  });

  test("an abort ends a pending read, with the signal's reason", async () => {
    const abort = new AbortController();
    let cancelled: unknown;
    const silent = new ReadableStream<Uint8Array>({
      cancel: (reason) => void (cancelled = reason),
    });
    const events = parseSSE(silent, { signal: abort.signal });
    const next = rejection(events.next());
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await next).toBe(reason);
    expect(cancelled).toBe(reason);
  });

  test("a signal that is aborted already lets nothing through", async () => {
    const error = await rejection(
      collect(parseSSE(chunked(["data: 1\n\n"]), { signal: AbortSignal.abort(new Error("no")) })),
    );
    expect(String(error)).toBe("Error: no");
  });

  test("asking for several events at once answers in order", async () => {
    const events = parseSSE(chunked(["data: 1\n\n", "data: 2\n\ndata: 3\n\n"]));
    const results = await Promise.all([events.next(), events.next(), events.next(), events.next()]);
    expect(results.map((result) => result.value?.data)).toEqual(["1", "2", "3", undefined]);
  });
});
