/** Responses that no correct server sends, written byte by byte, and requests whose exact bytes matter. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Server } from "node:net";
import { brotliCompressSync, constants } from "node:zlib";
import { platform } from "#platform";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { callTo, failure } from "../engine/support.ts";

let server: Server;
let engine: Engine;
let base: string;
let response: readonly (string | Uint8Array)[] = [];
let received = "";

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on("error", () => {});
    let head = "";
    socket.on("data", (bytes: Uint8Array) => {
      head += new TextDecoder("latin1").decode(bytes);
      if (!head.includes("\r\n\r\n")) return;
      received = head;
      head = "";
      for (const piece of response) socket.write(piece);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  engine = createEngine({ egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false }, {
    platform,
  });
});
afterAll(async () => {
  await engine.close();
  server.close();
});

function call(
  pieces: readonly (string | Uint8Array)[],
  path = "/",
  part: Partial<CallRequest> = {},
): Promise<CallReply> {
  response = pieces;
  return engine.call(callTo(base + path, { timeoutMs: 5_000, ...part }));
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("not valid HTTP", () => {
  test.each([
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nhello"],
    [
      "the same length twice",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    ],
    [
      "a length beside chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    ],
    ["a length that is not a number", "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\nhello"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"],
    [
      "an upgrade",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxx",
    ],
    ["a bare 101", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ])("%s", async (_, text) => {
    expect(await failure(call([text]))).toMatchObject({
      code: "upstream.bad_http",
      errorClass: 1,
      sent: "maybe",
    });
  });
});

test("a head without an end", async () => {
  const error = await failure(call(["HTTP/1.1 200 OK\r\nX-A: ", "a".repeat(4_000_000)]));
  expect(error).toMatchObject({ code: "response.head_too_large", errorClass: 2 });
});

test("a key in the query is in no failure, causes included", async () => {
  const error = await failure(
    call(["HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"], "/?key=marker-9"),
  );
  const cause = error.cause as Error;
  const shown = [error.message, cause.message, ...Object.values(cause).map(String)].join(" ");
  expect(shown).not.toContain("marker-9");
});

test("a brotli bomb is stopped before it is in memory, whole or streamed", async () => {
  const bomb = brotliCompressSync(new Uint8Array(256 * 1024 * 1024), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1 },
  });
  const head = "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n";
  const framed = [
    [`${head}Content-Length: ${bomb.length}\r\n\r\n`, bomb],
    [
      `${head}Transfer-Encoding: chunked\r\n\r\n${bomb.length.toString(16)}\r\n`,
      bomb,
      "\r\n0\r\n\r\n",
    ],
  ];
  for (const pieces of framed) {
    const before = process.memoryUsage().rss;
    const outcome = failure(
      call(pieces).then(({ body }) => new Response(body as BodyInit).bytes()),
    );
    expect(await outcome).toMatchObject({ code: "response.inflated" });
    expect(process.memoryUsage().rss - before).toBeLessThan(128 * 1024 * 1024);
  }
});

describe("requests", () => {
  test("a path that begins with two slashes keeps both", async () => {
    await call([OK], "//a//b?c=//d");
    expect(received.split(" ")[1]).toBe("//a//b?c=//d");
  });
  test("field names that JavaScript knows are field names like any other", async () => {
    await call([OK], "/", { headers: [["constructor", "1"], ["__proto__", "2"]] });
    const lines = received.toLowerCase().split("\r\n").filter((line) =>
      /^(constr|__pro)/.test(line)
    );
    expect(lines.sort()).toEqual(["__proto__: 2", "constructor: 1"]);
  });
  test("GET and HEAD have no body; an empty one is none", async () => {
    for (const method of ["GET", "HEAD"]) {
      const error = await failure(call([OK], "/", { method, body: new Uint8Array(3) }));
      expect(error).toMatchObject({ code: "request.body", errorClass: 5, sent: "no" });
    }
    expect((await call([OK], "/", { body: new Uint8Array(0) })).status).toBe(200);
  });
});
