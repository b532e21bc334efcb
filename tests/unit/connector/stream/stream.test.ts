import { describe, expect, test } from "bun:test";
import {
  byteChunks,
  callOrStream,
  EventStream,
  jsonBody,
  jsonSequence,
  merge,
  ndjson,
  type OperationData,
  sse,
  stream,
  StreamCall,
  TruncatedStreamError,
} from "../../../../src/connector/mod.ts";
import { chunked, collect, pieces } from "../../../support/streams.ts";
import { client, FakeRuntime, GET, header, rejection, SPEC, TestError } from "../support.ts";

interface Item {
  readonly n: number;
  readonly t?: string;
}

type Stream = NonNullable<OperationData["stream"]>;

const BASE: Stream = {
  format: sse,
  done: "[DONE]",
  error: ["error"],
  text: ["t"],
  accept: "text/event-stream",
};

function spec(more: Partial<Stream> = {}, without: readonly (keyof Stream)[] = []): OperationData {
  const all: Record<string, unknown> = { ...BASE, ...more };
  for (const key of without) delete all[key];
  return { ...GET, accept: "application/json", stream: all as unknown as Stream };
}

function events(...items: unknown[]): string {
  return items.map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`)
    .join("");
}

function open(
  body: unknown,
  more: Partial<Stream> = {},
  without: readonly (keyof Stream)[] = [],
): StreamCall<Item, Item> {
  return stream<Item, Item>(client(new FakeRuntime(() => ({ body }))), spec(more, without));
}

const ONE_TO_THREE = events({ n: 1, t: "a" }, { n: 2 }, { n: 3, t: "c" }, "[DONE]");

describe("items", () => {
  test("come in order, before and after awaiting the call", async () => {
    expect(await collect(open(ONE_TO_THREE))).toEqual([{ n: 1, t: "a" }, { n: 2 }, {
      n: 3,
      t: "c",
    }]);
    const awaited = await open(ONE_TO_THREE);
    expect(awaited).toBeInstanceOf(EventStream);
    expect((await collect(awaited)).length).toBe(3);
  });

  test("arrive as soon as they are there, not when the body ends", async () => {
    let push: (text: string) => void = () => {};
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        push = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    const items = open(body)[Symbol.asyncIterator]();
    push(events({ n: 1 }));
    expect((await items.next()).value).toEqual({ n: 1 });
    push(events({ n: 2 }));
    expect((await items.next()).value).toEqual({ n: 2 });
    await items.return?.();
  });

  for (const size of [1, 3, 7]) {
    test(`in pieces of ${size} bytes`, async () => {
      const text = events({ n: 1, t: "ä€🎉" }, "[DONE]").replaceAll("\n", "\r\n");
      expect(await collect(open(chunked(pieces(text, size))))).toEqual([{ n: 1, t: "ä€🎉" }]);
    });
  }

  test("of other event names are skipped, but their errors are not", async () => {
    const text =
      `event: ping\ndata: {}\n\nevent: item\ndata: {"n":1}\n\nevent: stop\ndata: [DONE]\n\n`;
    expect(await collect(open(text, { events: ["item"] }))).toEqual([{ n: 1 }]);
    const failing = `event: error\ndata: {"error":{"message":"overloaded"}}\n\n`;
    expect(await rejection(collect(open(failing, { events: ["item"] })))).toMatchObject({
      apiMessage: "overloaded",
    });
  });

  test("may be text", async () => {
    const texts = stream<string>(
      client(new FakeRuntime(() => ({ body: events("a", "b c", "[DONE]") }))),
      spec({ raw: true }),
    );
    expect(await collect(texts)).toEqual(["a", "b c"]);
  });

  test("other formats", async () => {
    expect(await collect(open('{"n":1}\n{"n":2}\n', { format: ndjson }, ["done"]))).toEqual([{
      n: 1,
    }, { n: 2 }]);
    expect(await collect(open('\x1e{"n":1}\n\x1e{"n":2}\n', { format: jsonSequence }, ["done"])))
      .toEqual([{ n: 1 }, { n: 2 }]);
    const bytes = stream<Uint8Array>(
      client(new FakeRuntime(() => ({ body: chunked([Uint8Array.of(0, 255)]) }))),
      spec({ format: byteChunks }, ["done", "error"]),
    );
    expect(await collect(bytes)).toEqual([Uint8Array.of(0, 255)]);
  });
});

describe("which one streams", () => {
  const both: OperationData = {
    ...spec({ when: [{ path: ["stream"], oneOf: [true] }] }),
    method: "POST",
    body: { encode: jsonBody, contentType: "application/json", required: true },
  };

  test("is said by the input, and asked for with Accept", async () => {
    const runtime = new FakeRuntime((call) => ({
      body: header(call, "accept") === "text/event-stream" ? ONE_TO_THREE : { n: 0 },
    }));
    const made = client(runtime);
    expect(await callOrStream(made, both, { stream: false })).toEqual({ n: 0 });
    expect(await callOrStream(made, both, {})).toEqual({ n: 0 });
    const streaming = callOrStream<Item, Item>(made, both, { stream: true });
    expect(streaming).toBeInstanceOf(StreamCall);
    expect(await streaming).toBeInstanceOf(EventStream);
  });
});

describe("ends", () => {
  test("without the sentinel the stream is truncated: items first, then the error", async () => {
    const seen: Item[] = [];
    const error = await rejection((async () => {
      for await (const item of open(events({ n: 1 }))) seen.push(item);
    })());
    expect(error).toBeInstanceOf(TruncatedStreamError);
    expect(error).toMatchObject({
      code: "stream.truncated",
      sent: "committed",
      requestId: "run-1",
    });
    expect(seen).toEqual([{ n: 1 }]);
  });

  test("without a declared sentinel the end of the body is the end", async () => {
    expect(await collect(open(events({ n: 1 }), {}, ["done"]))).toEqual([{ n: 1 }]);
  });

  test("an item may be the end, and is itself one", async () => {
    const done = [{ path: ["n"], oneOf: [2] }];
    expect(await collect(open(events({ n: 1 }, { n: 2 }, { n: 3 }), { done }))).toEqual([{ n: 1 }, {
      n: 2,
    }]);
    expect(await rejection(collect(open(events({ n: 1 }), { done })))).toBeInstanceOf(
      TruncatedStreamError,
    );
  });

  test("what follows the sentinel is not waited for", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) =>
        controller.enqueue(new TextEncoder().encode(events({ n: 1 }, "[DONE]", { n: 2 }))),
      pull: (controller) => controller.enqueue(new TextEncoder().encode(": still here\n")),
      cancel: () => void (cancelled = true),
    }, { highWaterMark: 0 });
    expect(await collect(open(body))).toEqual([{ n: 1 }]);
    // One more read tells whether the body is over; then it is cancelled.
    while (!cancelled) await new Promise((resolve) => setTimeout(resolve, 1));
  });

  test("an error of the body is the reader's", async () => {
    const boom = new Error("reset");
    const seen: Item[] = [];
    const error = await rejection((async () => {
      for await (const item of open(chunked([events({ n: 1 })], { failWith: boom }))) {
        seen.push(item);
      }
    })());
    expect(error).toBe(boom);
    expect(seen.length).toBe(1);
  });

  test("an item that is not JSON", async () => {
    const error = await rejection(collect(open(events({ n: 1 }, "{oops", "[DONE]"))));
    expect(error).toMatchObject({ code: "stream.bad_item" });
    expect(String(error)).toContain("{oops");
  });

  test("break cancels the call upstream, once", async () => {
    const reasons: unknown[] = [];
    const body = chunked([events({ n: 1 }), events({ n: 2 })], {
      onCancel: (reason) => reasons.push(reason),
    });
    for await (const item of open(body)) {
      expect(item.n).toBe(1);
      break;
    }
    expect(reasons.length).toBe(1);
  });

  test("await using and cancel() end it too", async () => {
    let cancelled = 0;
    {
      await using _ = await open(chunked([events({ n: 1 })], { onCancel: () => cancelled++ }));
    }
    expect(cancelled).toBe(1);
    const other = await open(chunked([events({ n: 1 })], { onCancel: () => cancelled++ }));
    await other.cancel();
    await other.cancel();
    expect(cancelled).toBe(2);
  });

  test("an abort ends a pending read", async () => {
    const abort = new AbortController();
    const silent = new ReadableStream<Uint8Array>();
    const items = stream(client(new FakeRuntime(() => ({ body: silent }))), spec(), {}, {
      signal: abort.signal,
    });
    const next = rejection(items[Symbol.asyncIterator]().next());
    await Promise.resolve();
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await next).toBe(reason);
  });

  test("leaving before the first read sends nothing", async () => {
    const runtime = new FakeRuntime(() => ({ body: ONE_TO_THREE }));
    const items = stream(client(runtime), spec())[Symbol.asyncIterator]();
    await items.return?.();
    expect((await items.next()).done).toBe(true);
    expect(runtime.calls.length).toBe(0);
  });
});

describe("errors", () => {
  test("in the band: typed, with the item as body, after the items before it", async () => {
    class Overloaded extends TestError {
      override readonly name: string = "Overloaded";
    }
    const rules = [
      { error: TestError, status: [[500, 599]] as const },
      { error: Overloaded, body: [{ path: ["error", "code"], oneOf: ["overloaded"] }] },
    ];
    const body = events({ n: 1 }, { error: { code: "overloaded", message: "Try later" } });
    const made = client(new FakeRuntime(() => ({ body })), { errors: { ...SPEC.errors, rules } });
    const seen: unknown[] = [];
    const error = await rejection((async () => {
      for await (const item of stream(made, spec())) seen.push(item);
    })());
    expect(seen).toEqual([{ n: 1 }]);
    expect(error).toBeInstanceOf(Overloaded);
    expect(error).toMatchObject({
      message: "test things.get: overloaded: Try later",
      apiCode: "overloaded",
      status: undefined,
    });
  });

  test("inside the stream, recognised by a condition", async () => {
    const body = `event: error\ndata: {"type":"error","message":"m"}\n\n`;
    const error = await rejection(
      collect(open(body, { errorWhen: [{ path: ["type"], oneOf: ["error"] }] })),
    );
    expect(error).toBeInstanceOf(TestError);
  });

  test("before the stream: by status", async () => {
    for (const status of [401, 500]) {
      const failing = client(
        new FakeRuntime(() => ({ status, body: { error: { message: "no" } } })),
      );
      expect(await rejection(collect(stream(failing, spec())))).toMatchObject({
        status,
        apiMessage: "no",
      });
    }
  });

  test("an item that is too large", async () => {
    const made = client(new FakeRuntime(() => ({ body: events({ t: "x".repeat(5000) }) })), {}, {
      maxEventBytes: 1000,
    });
    expect(await rejection(collect(stream(made, spec())))).toMatchObject({
      code: "stream.event_too_large",
    });
  });
});

describe("one stream, one reader", () => {
  test("a second use is refused and says what the first was", async () => {
    const items = await open(ONE_TO_THREE);
    await collect(items);
    for (
      const again of [
        () => items[Symbol.asyncIterator](),
        () => items.toReadableStream(),
        () => items.tee(),
        () => items.textStream,
      ]
    ) {
      expect(again).toThrow("already iterated over");
    }
    await expect(items.text()).rejects.toMatchObject({ code: "stream.consumed" });
  });

  test("toReadableStream pulls one at a time, and its cancellation ends the call", async () => {
    let cancelled = false;
    const body = chunked([events({ n: 1 }), events({ n: 2 })], {
      onCancel: () => cancelled = true,
    });
    const reader = (await open(body)).toReadableStream().getReader();
    expect((await reader.read()).value).toEqual({ n: 1 });
    await reader.cancel();
    expect(cancelled).toBe(true);
    const whole = (await open(ONE_TO_THREE)).toReadableStream();
    expect((await collect(whole)).length).toBe(3);
  });

  test("text and textStream", async () => {
    expect(await open(ONE_TO_THREE).text()).toBe("ac");
    expect(await collect(open(ONE_TO_THREE).textStream)).toEqual(["a", "c"]);
    let cancelled = false;
    const body = chunked([events({ n: 1, t: "a" })], { onCancel: () => cancelled = true });
    for await (const text of open(body).textStream) {
      expect(text).toBe("a");
      break;
    }
    expect(cancelled).toBe(true);
    await expect(open(ONE_TO_THREE, {}, ["text"]).text()).rejects.toMatchObject({
      code: "stream.no_text",
    });
  });
});

describe("finalResult", () => {
  const accumulate = merge({ join: { t: true }, index: "index" });

  test("reads the stream, or shares an ongoing read", async () => {
    expect(await open(ONE_TO_THREE, { accumulate }).finalResult()).toEqual({ n: 3, t: "ac" });
    const items = await open(ONE_TO_THREE, { accumulate });
    const final = items.finalResult();
    expect(await final).toEqual({ n: 3, t: "ac" });
    const others = await open(ONE_TO_THREE, { accumulate });
    expect((await collect(others)).length).toBe(3);
    expect(await others.finalResult()).toEqual({ n: 3, t: "ac" });
  });

  test("is not there when the stream failed or was left", async () => {
    await expect(open(events({ n: 1 }), { accumulate }).finalResult()).rejects.toBeInstanceOf(
      TruncatedStreamError,
    );
    const left = await open(ONE_TO_THREE, { accumulate });
    for await (const _ of left) break;
    await expect(left.finalResult()).rejects.toMatchObject({ code: "stream.cancelled" });
    await expect(open(ONE_TO_THREE).finalResult()).rejects.toMatchObject({
      code: "stream.no_result",
    });
  });
});

describe("tee", () => {
  test("both see everything, at their own pace", async () => {
    const [left, right] = (await open(chunked(pieces(ONE_TO_THREE, 20)))).tee();
    const [a, b] = await Promise.all([collect(left), collect(right)]);
    expect(a).toEqual(b);
    expect(a.length).toBe(3);
  });

  test("the faster one waits for the slower one", async () => {
    const body = events(...Array.from({ length: 50 }, (_, n) => ({ n })), "[DONE]");
    const [fast, slow] = (await open(body)).tee({ maxBuffered: 5 });
    const slowItems = slow[Symbol.asyncIterator]();
    await slowItems.next();
    let ahead = 0;
    const all = (async () => {
      for await (const _ of fast) ahead++;
    })();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ahead).toBe(6);
    while (!(await slowItems.next()).done);
    await all;
    expect(ahead).toBe(50);
  });

  test("an unread branch is reported instead of waiting forever", async () => {
    const body = events(...Array.from({ length: 50 }, (_, n) => ({ n })), "[DONE]");
    const [fast] = (await open(body)).tee({ maxBuffered: 5 });
    expect(await rejection(collect(fast))).toMatchObject({ code: "stream.tee_stalled" });
  });

  test("the call ends when both are cancelled, and continues for one", async () => {
    let cancelled = 0;
    const body = chunked([events({ n: 1 }), events({ n: 2 }), events({ n: 3 })], {
      onCancel: () => cancelled++,
    });
    const [left, right] = (await open(body)).tee();
    for await (const _ of left) break;
    expect(cancelled).toBe(0);
    const items = right[Symbol.asyncIterator]();
    expect((await items.next()).value?.n).toBe(1);
    expect((await items.next()).value?.n).toBe(2);
    await items.return?.();
    expect(cancelled).toBe(1);
  });

  test("both see the failure", async () => {
    const [left, right] = (await open(events({ n: 1 }))).tee();
    const [a, b] = await Promise.all([rejection(collect(left)), rejection(collect(right))]);
    expect(a).toBeInstanceOf(TruncatedStreamError);
    expect(b).toBe(a);
  });

  test("nonsense is refused", async () => {
    const items = await open(ONE_TO_THREE);
    expect(() => items.tee({ maxBuffered: 0 })).toThrow("maxBuffered");
  });
});
