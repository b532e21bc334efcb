/** What an API answers is kept without secrets, and given again as it was: chunks, order and all. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { RuntimeClient } from "../../../mod.ts";
import {
  createRecorder,
  createReplay,
  type Exchange,
  formatExchange,
  formatHead,
  parseRecording,
} from "../../../src/recording/mod.ts";

const SECRET = "sk-live-abcdef123456";
let api: Server;
let port = 0;
let client: RuntimeClient;
let answer: (response: ServerResponse) => void = (response) => response.end("{}");
const kept: Exchange[] = [];

beforeAll(async () => {
  api = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  port = (api.address() as AddressInfo).port;
  client = new RuntimeClient({ egress: { allow: [`127.0.0.1:${port}`] } });
});
afterAll(async () => {
  await client.close();
  api.closeAllConnections();
  api.close();
});
beforeEach(() => void kept.splice(0));

let record: (request: Request) => Promise<Response>;
beforeEach(() => {
  record = createRecorder({
    target: `http://127.0.0.1:${port}/v1`,
    call: (call) => client.call(call),
    secret: {
      headers: new Set(["x-tenant-pin"]),
      query: new Set(["pin"]),
      values: ["configured-1"],
    },
    onExchange: (exchange) => kept.push(exchange),
  });
});

const replayOf = (exchanges: readonly Exchange[]) =>
  createReplay({ connector: "c", version: "1", exchanges }, { speed: Infinity });

async function asked(request: Request) {
  const { pathname, search } = new URL(request.url);
  return {
    method: request.method,
    target: pathname + search,
    body: new Uint8Array(await request.arrayBuffer()),
  };
}

describe("a recording", () => {
  test("holds an exchange as it was, and a file of it reads back the same", async () => {
    answer = (response) => {
      response.writeHead(201, { "content-type": "application/json", "x-id": "7" });
      response.end(`{"id":1}`);
    };
    const response = await record(
      new Request("http://here/v1/things?a=1", { method: "POST", body: `{"b":2,"a":1}` }),
    );
    expect([response.status, response.headers.get("x-id"), await response.text()]).toEqual([
      ...[201, "7", `{"id":1}`],
    ]);
    const [exchange] = kept;
    expect(exchange?.request).toMatchObject({
      method: "POST",
      target: "/v1/things?a=1",
      body: { text: `{"b":2,"a":1}` },
    });
    expect(exchange?.response).toMatchObject({
      status: 201,
      chunks: [{ text: `{"id":1}`, afterMs: 0 }],
    });
    const file = formatHead({ connector: "c", version: "1.2.3" }) +
      kept.map(formatExchange).join("");
    expect(parseRecording(file)).toEqual({ connector: "c", version: "1.2.3", exchanges: kept });
  });

  test("has no secret in it: not as sent, not as repeated, encoded or cut into chunks", async () => {
    answer = (response) => {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "set-cookie": "sid=cookie-secret",
      });
      // The key comes back in two pieces, and a new token with it.
      response.write(`data: you sent ${SECRET.slice(0, 9)}`);
      setTimeout(() => {
        response.end(
          `${SECRET.slice(9)} (${
            btoa(`user:${SECRET}`)
          }) {"access_token": "fresh-token-1"} configured-1\n\n`,
        );
      }, 30);
    };
    const response = await record(
      new Request(`http://here/v1/x?pin=1234-5678&key=query-key-1&a=${SECRET}`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${SECRET}`,
          "x-tenant-pin": "pin-98765",
          "x-echo": `it was ${SECRET}`,
        },
        body: `{"password":"hunter2-hunter2","note":"configured-1"}`,
      }),
    );
    const given = await response.text();
    expect(given).toContain(SECRET);
    const text = kept.map(formatExchange).join("");
    const secrets = [SECRET, "cookie-secret", "fresh-token-1", "configured-1", "pin-98765"];
    for (const one of [...secrets, "1234-5678", "query-key-1", "hunter2", btoa(`user:${SECRET}`)]) {
      expect([one, text.includes(one)]).toEqual([one, false]);
    }
    const chunks = kept[0]?.response.chunks ?? [];
    const length = chunks.reduce(
      (sum, chunk) => sum + ("text" in chunk ? chunk.text.length : 0),
      0,
    );
    expect(length).toBe(given.length);
  });

  test("stays JSON where a secret is a number", async () => {
    const body =
      `{"device_code":12345678,"n":-12345678.5,"list":[12345678],"text":"it was 12345678!"}`;
    answer = (response) => response.end(body);
    await (await record(new Request("http://here/v1/x", { method: "POST", body }))).text();
    const text = kept.map(formatExchange).join("");
    expect(text).not.toContain("12345678");
    const [chunk] = kept[0]!.response.chunks;
    const shown = JSON.parse((chunk as { text: string }).text);
    expect(shown).toEqual({
      device_code: 99999999,
      n: -99999999.5,
      list: [99999999],
      text: "it was ********!",
    });
    const replay = replayOf(kept);
    const again = new Request("http://here/v1/x", {
      method: "POST",
      body: body.replaceAll("12345678", "87654321"),
    });
    expect(replay(await asked(again))).toBeDefined();
  });

  test("has no secret under other names, in other forms or of another exchange, and shows what is none", async () => {
    answer = (response) => {
      response.writeHead(302, {
        "content-type": "application/json",
        "location": "https://app.example/cb#access_token=in-a-fragment&state=plain-state",
      });
      response.end(
        String
          .raw`{"token_type":"bearer","clientSecret":"a \"b\" phrase","x":"{\"sessionToken\":\"inner-token-1\"}"}`,
      );
    };
    const body = "grant_type=password&password=p%40ss+word+1&next_page_token=page-two-of-it";
    const target = "http://here/v1/x?accessToken=camel-token-1&page=page-number";
    const headers = { authorization: "Bearer header-token-1", "x-auth": "auth-header-1" };
    await (await record(new Request(target, { method: "POST", headers, body }))).text();
    answer = (response) => response.end("again inner-token-1, p@ss word 1, in-a-fragment");
    await (await record(new Request("http://here/v1/y"))).text();
    const text = kept.map(formatExchange).join("");
    const hidden = ["camel-token-1", "header-token-1", "auth-header-1", "phrase", "inner-token-1"];
    for (const one of [...hidden, "in-a-fragment", "p%40ss+word+1", "p@ss word 1"]) {
      expect([one, text.includes(one)]).toEqual([one, false]);
    }
    for (const one of ["plain-state", "page-two-of-it", "page-number", "bearer"]) {
      expect([one, text.includes(one)]).toEqual([one, true]);
    }
  });

  test("a path cannot lead to another host", async () => {
    answer = (response) => response.end("here");
    const response = await record(new Request("http://here//127.0.0.1:1/x?y=1"));
    expect([await response.text(), kept[0]?.request.target]).toEqual([
      "here",
      "//127.0.0.1:1/x?y=1",
    ]);
    const replayed = await replayOf(kept)(
      await asked(new Request("http://here//127.0.0.1:1/x?y=1")),
    );
    expect(await replayed?.text()).toBe("here");
    expect(replayOf(kept)(await asked(new Request("http://here/x?y=1")))).toBeUndefined();
  });

  test("says that an answer broke, and where it ended", async () => {
    answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-length": "500000" });
      response.write("x".repeat(200_000));
      setTimeout(() => response.destroy(), 30);
    };
    const response = await record(new Request("http://here/v1/broken"));
    await expect(response.text()).rejects.toThrow();
    expect(kept[0]?.response.broken).toBe("upstream.truncated");
    const replayed = await replayOf(kept)(await asked(new Request("http://here/v1/broken")));
    await expect(replayed?.text()).rejects.toThrow();
  });

  test("is refused with the line when it is not one", () => {
    expect(() => parseRecording("")).toThrow("Line 1");
    expect(() => parseRecording(`{"recording":2}`)).toThrow("Line 1");
    const head = formatHead({ connector: "c", version: "1" });
    expect(() => parseRecording(`${head}\n{"request":1}`)).toThrow("Line 3");
    expect(() => parseRecording(`${head}{`)).toThrow("Line 2");
  });

  test("an API that cannot be reached is a 502 that says why, and no exchange", async () => {
    const unreachable = createRecorder({
      target: "http://127.0.0.1:1",
      call: (call) => client.call(call),
      secret: { headers: new Set(), query: new Set(), values: [] },
      onExchange: (exchange) => kept.push(exchange),
    });
    const response = await unreachable(new Request("http://here/x"));
    expect([response.status, kept.length]).toEqual([502, 0]);
    expect(await response.json()).toMatchObject({ error: { code: "egress.denied" } });
  });
});

test("many masks, and what they stand for, take no time that grows with more than the length", async () => {
  const body = "a******".repeat(200);
  const replay = replayOf([{
    request: { method: "POST", target: "/%zz", headers: [], body: { text: `${body}b` } },
    response: { status: 200, afterMs: 0, headers: [], chunks: [] },
  }]);
  const ask = (text: string) =>
    replay({ method: "POST", target: "/%zz", body: new TextEncoder().encode(text) });
  expect([ask("a".repeat(50_000)), (await ask(`${"a".repeat(50_000)}b`))?.status]).toEqual([
    undefined,
    200,
  ]);
});

describe("a replay", () => {
  const exchange = (target: string, text: string, body?: string): Exchange => ({
    request: {
      method: body === undefined ? "GET" : "POST",
      target,
      headers: [],
      ...(body !== undefined && { body: { text: body } }),
    },
    response: {
      status: 200,
      afterMs: 0,
      headers: [["x-a", "1"], ["x-a", "2"]],
      chunks: [
        { text: text.slice(0, 2), afterMs: 5 },
        { text: text.slice(2), afterMs: 5 },
      ],
    },
  });
  const get = (target: string, body?: string) =>
    asked(new Request(`http://here${target}`, body === undefined ? {} : { method: "POST", body }));

  test("gives the same chunks and headers", async () => {
    const response = await replayOf([exchange("/a", "hello")])(await get("/a"));
    expect(response?.headers.get("x-a")).toBe("1, 2");
    const chunks: string[] = [];
    for await (const chunk of response?.body ?? []) chunks.push(new TextDecoder().decode(chunk));
    expect(chunks).toEqual(["he", "llo"]);
  });

  test("takes answers to the same request in turn, the last one again", async () => {
    const replay = replayOf([exchange("/a", "one"), exchange("/a", "two")]);
    const texts = [];
    for (let i = 0; i < 3; i++) texts.push(await (await replay(await get("/a")))?.text());
    expect(texts).toEqual(["one", "two", "two"]);
  });

  test("knows a request by method, path, query and body, in whatever order their keys come", async () => {
    const replay = replayOf([
      exchange("/a?x=1&y=2", "get"),
      exchange("/a", "post", `{"a":1,"b":[2]}`),
    ]);
    expect(await (await replay(await get("/a?y=2&x=1")))?.text()).toBe("get");
    expect(await (await replay(await get("/a", `{"b":[2],"a":1}`)))?.text()).toBe("post");
    for (const [target, body] of [["/a?x=1"], ["/b"], ["/a", `{"a":2}`]] as [string, string?][]) {
      expect(replay(await get(target, body))).toBeUndefined();
    }
  });

  test("takes a number that may have been masked for numbers as long, and for nothing else", async () => {
    const replay = replayOf([exchange("/a", "x", `{"amount":9999999,"note":"a"}`)]);
    expect(replay(await get("/a", `{"amount":1234567,"note":"a"}`))).toBeDefined();
    for (
      const body of [
        `{"amount":5,"note":"a"}`,
        `{"amount":"x","note":"a"}`,
        `{"amount":9999999,"note":"b"}`,
      ]
    ) {
      expect(replay(await get("/a", body))).toBeUndefined();
    }
  });

  test("takes what was masked for anything", async () => {
    const replay = replayOf([exchange("/a?key=******", "x", `{"password":"********"}`)]);
    expect(replay(await get("/a?key=other", `{"password":"mine"}`))).toBeDefined();
    expect(replay(await get("/a?key=other", `{"user":"mine"}`))).toBeUndefined();
  });
});
