/** What a browser asks a server of a different origin, over real HTTP. With Node's client, because fetch does not allow these headers. */
import { type IncomingMessage, request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { HttpServer } from "../../../src/core/serve/http_server.ts";
import { connectors } from "../../../src/platform/entry/connectors.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createMock, createSimulator, type Simulator } from "../../../src/simulator/mod.ts";
import { hello } from "./support.ts";

const ORIGIN = "http://page.test:5173";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

describe("a page of another origin", () => {
  let simulator: Simulator;
  let server: HttpServer;
  beforeAll(async () => {
    const stripe = connectors.filter(({ id }) => id === "stripe");
    simulator = createSimulator({ connectors: stripe });
    server = await serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port: 0 },
      fetch: (asked) => simulator.fetch(asked),
    });
  });
  afterAll(async () => {
    await server?.stop(0);
  });

  const send = (
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body = "",
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const sent = request(server.url + path, { method, headers: { origin: ORIGIN, ...headers } });
      sent.on("error", reject);
      sent.on("response", (response) => {
        let text = "";
        response.setEncoding("utf8").on("error", reject).on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({ status: response.statusCode, headers: response.headers, text }));
      });
      sent.end(body);
    });

  for (const path of ["/v1/chat/completions", "/mock/stripe/v1/customers", "/nowhere"]) {
    test(`may ask beforehand about ${path}, which is not a request yet`, async () => {
      const before = simulator.stats().requests;
      const answer = await send("OPTIONS", path, {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
        "access-control-request-private-network": "true",
      });
      expect(answer.status).toBe(204);
      expect(answer.headers).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization,content-type,x-stainless-lang",
        "access-control-allow-private-network": "true",
      });
      expect(simulator.stats().requests).toBe(before);
    });
  }

  test("may read answers, streams, failures and mocks, with their headers", async () => {
    const rows: readonly [number, Promise<Answer>, string][] = [
      [200, send("POST", "/v1/chat/completions", {}, JSON.stringify(hello())), "chat.completion"],
      [
        200,
        send("POST", "/v1/chat/completions", {}, JSON.stringify(hello({ stream: true }))),
        "[DONE]",
      ],
      [
        429,
        send("GET", "/v1/models", { "x-simulator-fault": "status=429;retry-after=1" }),
        "error",
      ],
      [404, send("GET", "/nowhere"), "unknown_url"],
      [200, send("GET", "/mock/stripe/v1/customers"), "object"],
    ];
    for (const [status, sent, text] of rows) {
      const answer = await sent;
      expect([answer.status, answer.headers["access-control-allow-origin"]]).toEqual([status, "*"]);
      expect(answer.headers["access-control-expose-headers"]).toBe("*");
      expect(answer.text).toContain(text);
    }
  });
});

test("a mock of its own lets pages call too; what is not a page gets the same as ever", async () => {
  const [stripe] = connectors.filter(({ id }) => id === "stripe");
  if (stripe === undefined) throw new Error("There is no stripe.");
  const mock = createMock(stripe);
  const ask = async (headers: Record<string, string>) =>
    (await mock.fetch(new Request("http://mock.test/v1/customers", { headers }))).headers
      .get("access-control-allow-origin");
  expect(await ask({ origin: ORIGIN })).toBe("*");
  expect(await ask({})).toBe(null);
});
