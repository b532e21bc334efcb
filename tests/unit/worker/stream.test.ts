import { describe, expect, test } from "bun:test";
import { toConnectorError } from "../../../src/core/errors.ts";
import { problemOf } from "../../../src/worker/problem/problem.ts";
import { NDJSON, SSE } from "../../../src/worker/call/item_format.ts";
import { bytesBody, itemBody } from "../../../src/worker/call/stream.ts";

const same = (text: string) => text;
const describeError = (error: unknown) =>
  problemOf(toConnectorError(error, { code: "upstream.reset" }), "r1", {
    redact: same,
    hidePlaces: same,
  });

/** Items on demand; knows how many were asked for and whether it was told to stop. */
function source(count: number, failAt = Infinity) {
  const state = { asked: 0, returned: false, aborted: undefined as unknown };
  const items: AsyncIterator<unknown> = {
    next: () => {
      if (state.asked === failAt) return Promise.reject(new Error("reset"));
      return Promise.resolve(
        state.asked < count
          ? { done: false, value: { n: state.asked++ } }
          : { done: true, value: undefined },
      );
    },
    return: () => {
      state.returned = true;
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  return {
    state,
    stream: { items, abort: (reason: unknown) => state.aborted = reason, describe: describeError },
  };
}

describe("items as events", () => {
  test("one an item, then [DONE]", async () => {
    expect(await new Response(itemBody(source(2).stream, SSE)).text()).toBe(
      'data: {"n":0}\n\ndata: {"n":1}\n\ndata: [DONE]\n\n',
    );
  });

  test("or one a line, without a mark at the end; a failure is a line too", async () => {
    expect(await new Response(itemBody(source(2).stream, NDJSON)).text()).toBe(
      '{"n":0}\n{"n":1}\n',
    );
    const [, line = ""] = (await new Response(itemBody(source(9, 1).stream, NDJSON)).text())
      .split("\n");
    expect(JSON.parse(line)).toMatchObject({ error: { code: "upstream.reset", sent: "no" } });
  });

  test("nothing is fetched that the reader has not asked for", async () => {
    const { state, stream } = source(100);
    const reader = itemBody(stream, SSE).getReader();
    expect(state.asked).toBe(0);
    await reader.read();
    await reader.read();
    expect(state.asked).toBe(2);
  });

  test("a failure is reported in the stream, without [DONE]", async () => {
    const text = await new Response(itemBody(source(9, 1).stream, SSE)).text();
    expect(text.startsWith('data: {"n":0}\n\nevent: error\ndata: {"error":{')).toBe(true);
    expect(text).toContain('"code":"upstream.reset"');
    expect(text).not.toContain("[DONE]");
  });

  test("a reader that leaves ends the call", async () => {
    const { state, stream } = source(100);
    const reader = itemBody(stream, SSE).getReader();
    await reader.read();
    await reader.cancel("gone");
    expect(state).toMatchObject({ asked: 1, returned: true, aborted: "gone" });
  });

  test("a reader that leaves while nothing comes ends the call", async () => {
    const { promise, reject } = Promise.withResolvers<IteratorResult<unknown>>();
    const items = { next: () => promise };
    const reader = itemBody({ items, abort: reject, describe: describeError }, SSE).getReader();
    const pending = reader.read();
    await reader.cancel("gone");
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await promise.catch((reason: unknown) => reason)).toBe("gone");
  });
});

describe("bytes", () => {
  test("are passed on as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    const items = [bytes].values();
    const iterator = { next: () => Promise.resolve(items.next()) };
    const body = bytesBody({ items: iterator, abort: () => {}, describe: describeError });
    expect(await new Response(body).bytes()).toEqual(bytes);
  });

  test("break with their source", async () => {
    const body = bytesBody(source(9, 0).stream);
    expect(await new Response(body).text().catch((error: unknown) => String(error))).toContain(
      "reset",
    );
  });
});
