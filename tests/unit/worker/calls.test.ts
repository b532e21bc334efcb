/** What callers ask for besides the input. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { RuntimeClient } from "../../../mod.ts";
import { definition as stripe } from "../../../connectors/stripe/definition.gen.ts";
import type { CallOptions } from "../../../src/connector/data/options.ts";
import { deferred } from "../../../src/core/deferred.ts";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createWorker, type Worker } from "../../../src/worker/mod.ts";
import { post, testConnector, testWorker } from "./support.ts";

const CREATE = "/connectors/notes/notes.create";
const send = (worker: Worker, path: string, headers: Record<string, string>, body: unknown) =>
  post(worker, path, body, { headers: { "content-type": "application/json", ...headers } });

describe("headers", () => {
  const seen: CallOptions[] = [];
  const worker = testWorker({
    "notes.create": (input, options) => {
      seen.push(options);
      const { stream } = input as { stream?: boolean };
      return stream === true
        ? (async function* () {
          yield { n: 1 };
        })()
        : {};
    },
    "notes.list": () => ({
      data: { first: true },
      async *[Symbol.asyncIterator]() {
        yield { id: 1 };
        yield { id: 2 };
      },
    }),
  });
  const status = async (headers: Record<string, string>) => {
    const response = await send(worker, CREATE, headers, { text: "x" });
    const { code } = await response.json() as { code?: string };
    return [response.status, code];
  };

  test("give the call a key and a time", async () => {
    const headers = { "idempotency-key": '"k-1"', "x-timeout-ms": "1500" };
    expect(await status(headers)).toEqual([200, undefined]);
    expect(seen.at(-1)).toMatchObject({ idempotencyKey: "k-1", timeoutMs: 1_500 });
    const before = seen.length;
    for (const key of ["", "ü", "a b", "x".repeat(256)]) {
      expect(await status({ "idempotency-key": key })).toEqual([400, "input.idempotency_key"]);
    }
    for (const ms of ["0", "-1", "1.5", "1e3", "99999999999", "soon"]) {
      expect(await status({ "x-timeout-ms": ms })).toEqual([400, "input.timeout"]);
    }
    expect(seen.length).toBe(before);
  });

  test("have a trace that leads on, and back to the caller", async () => {
    const given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const traced = await send(worker, CREATE, { traceparent: given }, { text: "x" });
    expect([seen.at(-1)?.traceparent, traced.headers.get("traceparent")]).toEqual([given, given]);
    const fresh = await send(worker, CREATE, { traceparent: "00-0-0-01" }, { text: "x" });
    expect(fresh.headers.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(seen.at(-1)?.traceparent).toBe(fresh.headers.get("traceparent") ?? "");
  });

  test("choose how items are written", async () => {
    const asked = async (accept: string) => {
      const response = await send(worker, CREATE, { accept }, { text: "x", stream: true });
      return [response.headers.get("content-type"), await response.text()];
    };
    const sse = ["text/event-stream; charset=utf-8", 'data: {"n":1}\n\ndata: [DONE]\n\n'];
    const lines = ["application/x-ndjson", '{"n":1}\n'];
    expect(await asked("*/*")).toEqual(sse);
    expect(await asked("application/json")).toEqual(sse);
    expect(await asked("application/x-ndjson;q=0.5, text/event-stream")).toEqual(sse);
    expect(await asked("application/x-ndjson")).toEqual(lines);
    expect(await asked("application/jsonl, text/event-stream;q=0.1")).toEqual(lines);
  });

  test("?all streams the items of all pages", async () => {
    const list = "/connectors/notes/notes.list";
    expect(await (await send(worker, list, {}, {})).json()).toEqual({ first: true });
    const all = await send(worker, `${list}?all`, { accept: "application/x-ndjson" }, {});
    expect(await all.text()).toBe('{"id":1}\n{"id":2}\n');
    const refused = await send(worker, `${CREATE}?all`, {}, { text: "x" });
    expect([refused.status, await refused.json()]).toMatchObject([400, { code: "input.all" }]);
  });
});

test("bytes keep the API's content type, and are never a page of this server's", async () => {
  const raw = testConnector({});
  const worker = testWorker({}, {
    connectors: [{
      ...raw,
      invoke: () =>
        ({
          kind: "value",
          withResponse: () =>
            Promise.resolve({
              data: new TextEncoder().encode("<script>"),
              response: new Response(null, {
                headers: {
                  "content-type": "text/html",
                  "content-disposition": 'inline; filename="a.html"',
                },
              }),
            }),
        }) as never,
    }],
  });
  const response = await send(worker, "/connectors/notes/notes.raw", {}, {});
  expect(await response.text()).toBe("<script>");
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/html",
    "content-disposition": 'attachment; filename="a.html"',
    "content-security-policy": "sandbox",
    "x-content-type-options": "nosniff",
  });
});

describe("an idempotency key", () => {
  let api: HttpServer;
  let worker: Worker;
  let runtime: RuntimeClient;
  let made = 0;
  let hold: Promise<void> | undefined;
  beforeAll(async () => {
    api = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      async fetch() {
        made++;
        await hold;
        return Response.json({ id: `cus_${made}`, object: "customer" });
      },
    });
    runtime = new RuntimeClient({
      address: "embedded:",
      engine: { egress: { allow: [new URL(api.url).host] } },
    });
    worker = createWorker({
      connectors: [stripe],
      runtime,
      config: { stripe: { apiKey: "sk_test", baseURL: api.url } },
    });
  });
  afterAll(async () => {
    await runtime.close();
    await api.stop(0);
  });
  const create = async (key: string, name: string) => {
    const headers = { "idempotency-key": key };
    const response = await send(worker, "/connectors/stripe/customers.create", headers, { name });
    const { id, code } = await response.json() as { id?: string; code?: string };
    return [response.status, id ?? code];
  };

  test("makes a call once: the same again joins it, then gets its answer; others are refused", async () => {
    const gate = deferred<void>();
    hold = gate.promise;
    const [first, again] = [create("k", "Ada"), create("k", "Ada")];
    expect(await create("k", "Bob")).toEqual([409, "idempotency.in_progress"]);
    gate.resolve();
    expect([await first, await again, await create("k", "Ada")]).toEqual(
      Array.from({ length: 3 }, () => [200, "cus_1"]),
    );
    expect(await create("k", "Bob")).toEqual([422, "idempotency.mismatch"]);
    expect(await create("other", "Bob")).toEqual([200, "cus_2"]);
    expect(made).toBe(2);
  });
});

function nested(levels: number): unknown {
  return JSON.parse("[".repeat(levels - 1) + '{"a":1}' + "]".repeat(levels - 1));
}

test("an answer of a thousand levels is passed on", async () => {
  const worker = testWorker({ "notes.create": () => nested(1_000) });
  const response = await send(worker, CREATE, {}, { text: "x" });
  expect([response.status, await response.json()]).toEqual([200, nested(1_000)]);
});

test("an answer that is nested without end is the API's failure, not this server's", async () => {
  // Bun would take seconds until it gave up writing it.
  const worker = testWorker({ "notes.create": () => nested(50_000) });
  const response = await send(worker, CREATE, {}, { text: "x" });
  expect([response.status, await response.json()]).toEqual([
    502,
    expect.objectContaining({ code: "response.too_deep", sent: "committed" }),
  ]);
});
