/** One suite over HTTP for the ready-made worker on every host. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createKey, type Figures } from "../../../src/worker/mod.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { type HostedWorker, hostWorker, WORKER_HOSTS } from "../support/worker_host.ts";
import { CHAT, dataOf, hello, type ServedSimulator, serveSimulator } from "./worker_support.ts";

const CUSTOMERS = "/connectors/stripe/customers.create";
const now = new Date();
const writer = await createKey({ tenant: "acme" }, now);
const reader = await createKey({ tenant: "audit", methods: { allow: ["GET"] } }, now);

/** Headers that two servers could read differently, and a body. */
const UNCLEAR: readonly (readonly [lines: readonly string[], body: string])[] = [
  [["content-length: 2", "transfer-encoding: chunked"], "0\r\n\r\n"],
  [["content-length: 2", "content-length: 3"], "{} "],
  [["content-length: +2"], "{}"],
  [["content-length: -1"], "{}"],
  [["content-length: "], "{}"],
  [["transfer-encoding : chunked"], "2\r\n{}\r\n0\r\n\r\n"],
  [["transfer-encoding: chunked, identity"], "2\r\n{}\r\n0\r\n\r\n"],
  [["content-length: 2", "transfer-encoding: xchunked"], "{}"],
  [["transfer-encoding: chunked"], "0x2\r\n{}\r\n0\r\n\r\n"],
  [["transfer-encoding: chunked"], "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"],
];

/** The statuses of all answers on one connection; a server may also just close it. */
function answersTo(port: number, host: string, text: string): Promise<number[]> {
  return new Promise((resolve) => {
    let all = "";
    const socket = connect(port, host, () => void socket.write(text));
    socket.setEncoding("latin1");
    socket.on("data", (piece: string) => void (all += piece));
    socket.on("error", () => {});
    socket.on("close", () => {
      resolve([...all.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)));
    });
  });
}

for (const host of WORKER_HOSTS) {
  const missing = runtime(host === "workerd" ? "bun" : host).missing;
  describe.skipIf(missing !== undefined)(titled(`the worker on ${host}`, missing), () => {
    let openai: ServedSimulator;
    let stripe: HttpServer;
    let worker: HostedWorker;
    /** Trace contexts of the calls. */
    const seen: (string | null)[] = [];

    beforeAll(async () => {
      openai = await serveSimulator({ chunkDelayMs: 1 });
      stripe = await serveHttp({
        address: { kind: "tcp", host: "127.0.0.1", port: 0 },
        fetch(request) {
          seen.push(request.headers.get("traceparent"));
          const { pathname, searchParams } = new URL(request.url);
          if (request.method === "POST") {
            const text = JSON.stringify({ id: `cus_${seen.length}` });
            // Only an answer whose length is known is kept for the next call with its key.
            return new Response(text, { headers: { "content-length": String(text.length) } });
          }
          const after = searchParams.get("starting_after");
          return Response.json({
            object: "list",
            url: pathname,
            data: [{ id: after === null ? "a" : "b", object: "customer" }],
            has_more: after === null,
          });
        },
      });
      worker = await hostWorker(host, {
        OPENAI_API_KEY: "sk-openai-secret",
        OPENAI_BASE_URL: `${openai.server.url}/v1`,
        STRIPE_API_KEY: "sk-stripe-secret",
        STRIPE_BASE_URL: stripe.url,
        ANTHROPIC_API_KEY: "sk-anthropic-secret",
        ANTHROPIC_BASE_URL: "http://169.254.169.254",
        VASTAR_ALLOW: `${new URL(openai.server.url).host},${new URL(stripe.url).host}`,
      }, [writer.key, reader.key]);
    }, 60_000);
    afterAll(async () => {
      await worker?.stop();
      await openai?.server.stop(0);
      await stripe?.stop(0);
    });

    const send = (
      path: string,
      body: unknown,
      headers: Record<string, string> = {},
      key = writer.text,
    ) =>
      fetch(worker.url + path, {
        method: "POST",
        // workerd closes connections whose request it refused before the body was read.
        keepalive: false,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${key}`,
          ...headers,
        },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    const problem = async (response: Response) => {
      const text = await response.text();
      expect(text).not.toMatch(/sk-\w+-secret/);
      expect(response.headers.get("content-type")).toBe("application/problem+json");
      const { code, sent } = JSON.parse(text) as { code: string; sent: string };
      return [response.status, code, sent];
    };

    test("requires a key, which may be bound to methods", async () => {
      expect(await problem(await fetch(`${worker.url}/connectors`))).toEqual([
        401,
        "access.required",
        "no",
      ]);
      expect(await problem(await send(CHAT, hello(), {}, writer.text.replace(/.$/, "-")))).toEqual([
        401,
        "access.invalid",
        "no",
      ]);
      expect(await problem(await send(CUSTOMERS, {}, {}, reader.text))).toEqual([
        403,
        "access.denied",
        "no",
      ]);
    });

    test("answers whole, as events and as lines", async () => {
      const whole = await send(CHAT, hello(), { "x-request-id": "r-1" });
      expect([whole.status, whole.headers.get("x-request-id")]).toEqual([200, "r-1"]);
      expect(await whole.json()).toMatchObject({ object: "chat.completion" });
      const events = await (await send(CHAT, hello({ stream: true }))).text();
      expect(dataOf(events).length).toBeGreaterThan(3);
      expect(events.trimEnd().endsWith("data: [DONE]")).toBe(true);
      // Where the engine can keep a stream, its events have ids.
      expect(/^id: /m.test(events)).toBe(host !== "workerd");
      const accept = { accept: "application/x-ndjson" };
      const lines = (await (await send(CHAT, hello({ stream: true }), accept)).text()).trim();
      expect(lines.split("\n").map((line) => typeof JSON.parse(line))).toEqual(
        dataOf(events).map(() => "object"),
      );
    });

    test("streams all pages", async () => {
      const response = await send("/connectors/stripe/customers.list?all", {}, {
        accept: "application/x-ndjson",
      });
      const ids = (await response.text()).trim().split("\n")
        .map((line) => (JSON.parse(line) as { id: string }).id);
      expect(ids).toEqual(["a", "b"]);
    });

    test("makes a call with a key once, and passes a trace on", async () => {
      seen.length = 0;
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const headers = { "idempotency-key": "k", traceparent };
      const first = await send(CUSTOMERS, { name: "Ada" }, headers);
      expect([first.status, await first.json()]).toEqual([200, { id: "cus_1" }]);
      expect(await (await send(CUSTOMERS, { name: "Ada" }, headers)).json()).toEqual({
        id: "cus_1",
      });
      expect(seen).toEqual([traceparent]);
      expect(first.headers.get("traceparent")).toBe(traceparent);
      expect(await problem(await send(CUSTOMERS, { name: "Bob" }, headers))).toEqual([
        422,
        "idempotency.mismatch",
        "no",
      ]);
    });

    test("says what is wrong", async () => {
      expect(await problem(await send(CHAT, "{"))).toEqual([400, "input.json", "no"]);
      expect(await problem(await send(CHAT, { model: 5 }))).toEqual([400, "input.invalid", "no"]);
      expect(await problem(await send("/connectors/opnai/x", {}))).toEqual([
        404,
        "connector.unknown",
        "no",
      ]);
      expect(await problem(await send(CHAT, hello(), { "x-timeout-ms": "soon" }))).toEqual([
        400,
        "input.timeout",
        "no",
      ]);
      expect(await problem(await send("/connectors/anthropic/models.list", {}))).toEqual([
        403,
        "egress.denied",
        "no",
      ]);
    });

    test("serves the console to anybody, and the figures of its own calls to a tenant", async () => {
      const page = await fetch(worker.url);
      expect([page.status, page.headers.get("content-type")]).toEqual([
        200,
        "text/html; charset=utf-8",
      ]);
      expect(await page.text()).toContain("</html>");
      const answer = await send(CHAT, hello());
      expect(answer.headers.get("server-timing")).toMatch(/^attempts;desc="1", upstream;dur=/);
      await answer.text();
      const headers = { authorization: `Bearer ${writer.text}` };
      const figures = await (await fetch(`${worker.url}/figures`, { headers })).json() as Figures;
      expect(figures.calls.total).toBeGreaterThan(0);
      expect(figures.engine?.breakers.others).toEqual([]);
      expect((await fetch(`${worker.url}/figures`)).status).toBe(401);
    });

    test("has the operations as tools for agents", async () => {
      const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} };
      const accept = { accept: "application/json, text/event-stream" };
      const response = await send("/mcp", message, accept);
      const text = await response.text();
      expect([response.status, text]).toEqual([200, expect.stringContaining('"name":"search"')]);
    });

    test("knows HEAD and OPTIONS", async () => {
      const headers = { authorization: `Bearer ${writer.text}` };
      const head = await fetch(`${worker.url}/connectors`, { method: "HEAD", headers });
      expect([head.status, await head.text()]).toEqual([200, ""]);
      const options = await fetch(worker.url + CHAT, { method: "OPTIONS", headers });
      expect([options.status, options.headers.get("allow")]).toEqual([
        204,
        "GET, HEAD, POST, OPTIONS",
      ]);
      expect((await fetch(worker.url + CHAT, { method: "PUT", headers })).status).toBe(405);
    });

    // Taken as chunked there, as HTTP/1.1 has it, and the rest as another request; Cloudflare reads requests before it.
    const front = host === "workerd" ? "what is in front of workerd reads requests" : undefined;
    const doubt = "makes no call of a request whose end is in doubt, and takes none for two";
    test.skipIf(front !== undefined)(titled(doubt, front), async () => {
      const { hostname, port, host: name } = new URL(worker.url);
      const inner = `POST ${CUSTOMERS} HTTP/1.1\r\nhost: ${name}\r\ncontent-length: 2\r\n\r\n{}`;
      const before = seen.length;
      for (const [lines, body] of UNCLEAR) {
        const head = [
          `POST ${CUSTOMERS} HTTP/1.1`,
          `host: ${name}`,
          `authorization: Bearer ${writer.text}`,
          "content-type: application/json",
          ...lines,
        ];
        const text = `${head.join("\r\n")}\r\n\r\n${body}${inner}`;
        const answers = await answersTo(Number(port), hostname, text);
        expect([lines, answers.filter((status) => status < 400 || status >= 500)])
          .toEqual([lines, []]);
        expect([lines, answers.length > 1]).toEqual([lines, false]);
      }
      expect(seen.length).toBe(before);
      expect((await send(CUSTOMERS, {})).status).toBe(200);
    });
  });
}
