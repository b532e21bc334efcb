/** What in a stream is neither an item nor the end of the body: errors, heartbeats, ends by name; and streams of nothing. */
import { describe, expect, test } from "bun:test";
import {
  eventResult,
  merge,
  ndjson,
  type OperationData,
  sse,
  stream,
  type StreamCall,
} from "../../../../src/connector/mod.ts";
import { collect } from "../../../support/streams.ts";
import { client, FakeRuntime, GET, rejection, TestError } from "../support.ts";

type Stream = NonNullable<OperationData["stream"]>;
type Item = Readonly<Record<string, unknown>>;

function open(body: string, more: Partial<Stream> = {}): StreamCall<Item, Item> {
  const end = more.doneEvent === undefined ? { done: "[DONE]" } : {};
  const spec: OperationData = { ...GET, stream: { format: sse, ...end, ...more } };
  return stream<Item, Item>(client(new FakeRuntime(() => ({ body }))), spec);
}

/** What came before the failure, and the failure. */
async function until(call: StreamCall<Item, Item>): Promise<[Item[], unknown]> {
  const items: Item[] = [];
  const failure = await rejection((async () => {
    for await (const item of call) items.push(item);
  })());
  return [items, failure];
}

const ITEM = 'data: {"n":1}\n\n';
const DONE = "data: [DONE]\n\n";

describe("an event called error", () => {
  test("is one without a word in the spec, also when the end is marked after it", async () => {
    const [items, failure] = await until(
      open(`${ITEM}event: error\ndata: {"message":"overloaded","code":7}\n\n${DONE}`),
    );
    expect(items).toEqual([{ n: 1 }]);
    expect(failure).toBeInstanceOf(TestError);
    expect(failure).toMatchObject({
      apiMessage: "overloaded",
      body: { message: "overloaded", code: 7 },
      message: "test things.get: overloaded",
    });
  });

  test("may hold a text, which is in the message", async () => {
    const [, failure] = await until(open(`event: error\ndata: upstream is gone\n\n${DONE}`));
    expect(failure).toMatchObject({ body: "upstream is gone" });
    expect(String(failure)).toContain("upstream is gone");
  });

  test("is an item where the spec names it as one", async () => {
    const body = `event: error\ndata: {"n":1}\n\n${DONE}`;
    expect(await collect(open(body, { events: ["error"] }))).toEqual([{ n: 1 }]);
  });

  test("has another name where the spec says so", async () => {
    const more: Partial<Stream> = { errorEvents: ["fault"], errorMessage: ["why"] };
    const plain = `event: error\ndata: {"n":1}\n\n${DONE}`;
    expect(await collect(open(plain, more))).toEqual([{ n: 1 }]);
    const [, failure] = await until(open(`event: fault\ndata: {"why":"no"}\n\n${DONE}`, more));
    expect(failure).toMatchObject({ apiMessage: "no" });
  });
});

test("[DONE] is not an item where the spec declares no end, unless items are texts", async () => {
  const of = (more: Partial<Stream>): StreamCall<Item> => {
    const spec: OperationData = { ...GET, stream: { format: sse, ...more } };
    return stream(client(new FakeRuntime(() => ({ body: `${ITEM}${DONE}` }))), spec);
  };
  expect(await collect(of({}))).toEqual([{ n: 1 }]);
  expect(await collect<unknown>(of({ raw: true }))).toEqual(['{"n":1}', "[DONE]"]);
});

describe("an error in the band", () => {
  test("keeps text found in place of an object", async () => {
    const more: Partial<Stream> = { error: ["error"] };
    const [, failure] = await until(open(`data: {"error":"slow down"}\n\n${DONE}`, more));
    expect(failure).toMatchObject({ message: "test things.get: slow down" });
    const lines = open('{"n":1}\n{"error":"cut off"}\n', { ...more, format: ndjson });
    expect((await until(lines))[1]).toMatchObject({ apiMessage: "cut off" });
  });
});

describe("a heartbeat", () => {
  for (
    const [name, text] of [
      ["empty data", "data:\n\n"],
      ["blank data", "data:   \n\n"],
      ["several empty lines of data", "data:\ndata:\n\n"],
      ["an event of another name", "event: ping\ndata:\n\n"],
    ] as const
  ) {
    test(`of ${name} is skipped`, async () => {
      expect(await collect(open(text + ITEM + text + DONE))).toEqual([{ n: 1 }]);
    });
  }

  test("under a name that is not an item's need not be JSON", async () => {
    const body = `event: ping\ndata: 12:00:01\n\nevent: part\n${ITEM}${DONE}`;
    expect(await collect(open(body, { events: ["part"] }))).toEqual([{ n: 1 }]);
  });
});

describe("the end", () => {
  test("has blanks around it", async () => {
    for (const done of ["data:  [DONE]\n\n", "data: [DONE] \n\n", "data: [DONE]\t\n\n"]) {
      expect(await collect(open(ITEM + done))).toEqual([{ n: 1 }]);
    }
  });

  test("may be an event of a name", async () => {
    const body = `${ITEM}event: end\ndata: bye\n\ndata: {"n":2}\n\n`;
    expect(await collect(open(body, { doneEvent: "end" })))
      .toEqual([{ n: 1 }]);
    const cut = open(ITEM, { doneEvent: "end" });
    expect((await until(cut))[1]).toMatchObject({ code: "stream.truncated" });
  });
});

describe("the final result", () => {
  test("of no items is an error that says so", async () => {
    const accumulate = merge({ index: "index", set: { object: "whole" } });
    expect(await rejection(open(DONE, { accumulate }).then((found) => found.finalResult())))
      .toMatchObject({ code: "stream.empty" });
  });

  test("of items of which none carries it is the same error", async () => {
    const accumulate = eventResult([{ path: ["n"], oneOf: [2] }], ["whole"]);
    expect(await rejection(open(ITEM + DONE, { accumulate }).then((found) => found.finalResult())))
      .toMatchObject({ code: "stream.empty" });
  });
});
