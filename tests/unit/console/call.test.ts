/** What is sent, what is shown of it as it comes, and what a series of figures shows. */
import { describe, expect, test } from "bun:test";
import { find } from "../../../src/console/call/find.ts";
import { itemText } from "../../../src/console/call/item_text.ts";
import { type End, type Head, type Listener, send } from "../../../src/console/call/send.ts";
import { readTiming } from "../../../src/console/call/timing.ts";
import { readRoute } from "../../../src/console/route.ts";
import { linePoints, quantile, Series } from "../../../src/console/figures/series.ts";

interface Told {
  head?: Head;
  readonly events: string[];
  text?: string;
  bytes?: Blob;
  end?: End;
}

/** Tells all of a call, and is done when it ends. */
function listen(): { told: Told; listener: Listener; ended: Promise<void> } {
  const told: Told = { events: [] };
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  return {
    told,
    ended,
    listener: {
      head: (head) => told.head = head,
      event: ({ data }) => told.events.push(data),
      text: (text) => told.text = text,
      bytes: (bytes) => told.bytes = bytes,
      end: (end) => (told.end = end, resolve()),
    },
  };
}

const URL_OF = "http://localhost/connectors/a/b";

function call(answer: (init: RequestInit) => Response | Promise<Response>, input: unknown = {}) {
  const asked: { url: string; init: RequestInit }[] = [];
  const heard = listen();
  const fetch = (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return Promise.resolve(answer(init));
  };
  const sent = send({
    url: URL_OF,
    input,
    headers: { authorization: "Bearer k" },
    fetch,
    now: () => 0,
  }, heard.listener);
  return { ...heard, sent, asked };
}

const sse = { headers: { "content-type": "text/event-stream" } };

describe("sending", () => {
  test("JSON gives the answer, its status, headers and timing", async () => {
    const { told, ended, asked } = call(() =>
      Response.json({ ok: true }, {
        headers: { "server-timing": 'attempts;desc="2", waited;dur=12.5' },
      }), { a: 1 });
    await ended;
    expect(asked[0]?.init.body).toBe('{\n  "a": 1\n}');
    expect(told.head).toMatchObject({ status: 200, attempts: 2, waited: 12.5 });
    expect([told.text, told.end]).toEqual(['{"ok":true}', { kind: "done" }]);
  });

  test("files sends a form, and bytes come as bytes", async () => {
    const { told, ended, asked } = call(
      () => new Response(new Uint8Array([1, 2]), { headers: { "content-type": "image/png" } }),
      { file: new File(["x"], "a.txt") },
    );
    await ended;
    const [{ init: { body } } = { init: {} }] = asked;
    expect(body instanceof FormData && body.get("file")).toBeInstanceOf(File);
    expect(told.bytes?.size).toBe(2);
  });

  test("tells events one by one, and a failure within them", async () => {
    const problem = '{"detail":"it broke","status":502}';
    const { told, ended } = call(() =>
      new Response(`id: s.1\ndata: {"a":1}\n\nevent: error\ndata: ${problem}\n\n`, sse)
    );
    await ended;
    expect(told.events).toEqual(['{"a":1}', problem]);
    expect(told.end).toMatchObject({ kind: "failed", problem: { detail: "it broke" } });
  });

  test("is stopped without an exception's text, and the call behind a kept stream with it", async () => {
    const { told, ended, sent, asked, listener } = call(({ method, signal }) => {
      if (method === "DELETE") return new Response(null, { status: 204 });
      return new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode("id: s.1.1\ndata: 1\n\n"));
            signal?.addEventListener("abort", () => controller.error(signal.reason));
          },
        }),
        sse,
      );
    });
    const { event } = listener;
    listener.event = (message) => {
      event(message);
      sent.stop();
      sent.stop();
    };
    await ended;
    expect(told.end).toEqual({ kind: "stopped" });
    expect(asked.slice(1).map(({ url, init }) => [init.method, url])).toEqual([
      ["DELETE", `${URL_OF}/streams/s.1.1`],
    ]);
  });

  test("says why where nobody answers", async () => {
    const { told, ended } = call(() => Promise.reject(new TypeError("Failed to fetch")));
    await ended;
    expect(told.end).toEqual({ kind: "lost", why: "Failed to fetch" });
  });
});

test("an item has text where the spec says so, if it meets the conditions", () => {
  const path = ["choices", 0, "delta", "content"];
  expect(itemText({ path, when: [] }, { choices: [{ delta: { content: "Hi" } }] })).toBe("Hi");
  expect(itemText({ path, when: [] }, { choices: [] })).toBe("");
  const when = [{ path: ["type"], oneOf: ["delta"] }];
  expect(itemText({ path: ["text"], when }, { type: "delta", text: "Hi" })).toBe("Hi");
  expect(itemText({ path: ["text"], when }, { type: "done", text: "Hi" })).toBe("");
});

test("the timing of an answer is read, and what is none is left out", () => {
  expect(readTiming('attempts;desc="3", queued;dur=1.5, cdn;dur=x')).toEqual({
    attempts: 3,
    queued: 1.5,
  });
  expect(readTiming(null)).toEqual({});
});

describe("figures over time", () => {
  const latency = (...counts: number[]) => ({ upToMs: [1, 10, 100], counts });
  const at = (total: number, failed: number, ...counts: number[]) => ({
    calls: { total, failed },
    latency: latency(...counts),
    runtime: { healthy: true, message: "ok", active: 3, credits: 1 },
  });

  test("are what changed between two answers", () => {
    const series = new Series();
    series.add(at(10, 0, 10, 0, 0), 0);
    series.add(at(14, 1, 10, 3, 1), 2_000);
    series.add(at(14, 1, 10, 3, 1), 4_000);
    expect(series.points).toEqual([
      { calls: 2, failed: 0.5, p50: 10, p95: 100, active: 3 },
      { calls: 0, failed: 0, p50: undefined, p95: undefined, active: 3 },
    ]);
    // A worker that was restarted counts anew.
    series.add(at(1, 0, 1, 0, 0), 6_000);
    expect(series.points.length).toBe(2);
  });

  test("have quantiles, and a line that ends at the right", () => {
    expect(quantile(latency(50, 45, 5), 0.5)).toBe(1);
    expect(quantile(latency(50, 45, 5), 0.95)).toBe(10);
    expect(quantile(latency(0, 0, 0), 0.5)).toBe(undefined);
    expect(linePoints([1, undefined, 2], 29, 10, 2)).toBe("27,5 29,0");
  });
});

test("operations are found by all words, those with a name that begins with one first", () => {
  const entry = (operation: string, summary = "") => ({ connector: "github", operation, summary });
  const all = [
    entry("repos.relist"),
    entry("issues.list", "All issues"),
    entry("pulls.get", "List nothing"),
  ];
  const names = (asked: string) => find(all, asked).map(({ operation }) => operation);
  expect(names("list")).toEqual(["issues.list", "repos.relist", "pulls.get"]);
  expect(names("GitHub/issues list")).toEqual(["issues.list"]);
  expect(names("nothing pulls")).toEqual(["pulls.get"]);
  expect(names("absent")).toEqual([]);
});

test("a deep link names a connector and an operation, and a broken one nothing worse", () => {
  expect(readRoute("#/openai/chat.completions.create")).toEqual({
    connector: "openai",
    operation: "chat.completions.create",
  });
  expect(readRoute("#/a%20b")).toEqual({ connector: "a b", operation: undefined });
  expect(readRoute("#/%zz")).toEqual({ connector: "%zz", operation: undefined });
  expect(readRoute("")).toEqual({ connector: undefined, operation: undefined });
});
