/** Answers that end too early or are too large, over real sockets. Runs on the current runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import type { Upstream, UpstreamResponse } from "../../../src/core/platform.ts";
import {
  bytesOf,
  openUpstream,
  type RawServer,
  requestTo,
  startRaw,
  textOf,
} from "../../support/raw_server.ts";
import { failure } from "../engine/support.ts";

const OK = "HTTP/1.1 200 OK\r\n";
let server: RawServer;
let upstream: Upstream;
let answer: (socket: Socket) => void;

beforeAll(async () => {
  server = await startRaw(({ socket }) => answer(socket));
  upstream = await openUpstream();
});
afterAll(async () => {
  await upstream.close();
  await server.close();
});

async function get(path = "/", method = "GET"): Promise<UpstreamResponse> {
  return await upstream.exchange(requestTo(server.url + path, { method }));
}

/** Sends the text, and breaks the connection once the client has it. */
async function reset(text: string): Promise<{ read: string; error: unknown }> {
  let peer: Socket | undefined;
  answer = (socket) => {
    peer = socket;
    socket.write(text);
  };
  const { body } = await get();
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  let read = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { read, error: undefined };
      read += new TextDecoder().decode(value);
      peer?.resetAndDestroy();
    }
  } catch (error) {
    return { read, error };
  }
}

describe("a connection that is reset in the middle of a body", () => {
  test.each([
    ["without a length", `${OK}\r\nhalf of it`],
    ["without a length, in HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhalf of it"],
    ["in chunks", `${OK}Transfer-Encoding: chunked\r\n\r\n14\r\nhalf of it`],
    ["with a length", `${OK}Content-Length: 100000\r\n\r\nhalf of it`],
  ])("%s: what came is delivered, and then it is truncated", async (_, text) => {
    const { read, error } = await reset(text);
    expect(read).toBe("half of it");
    expect(error).toMatchObject({ code: "upstream.truncated", errorClass: 2, sent: "committed" });
  });

  test("a FIN ends a body without a length, and no other", async () => {
    answer = (socket) => void socket.end(`${OK}\r\nall of it`);
    expect(await textOf(await get())).toBe("all of it");
    answer = (socket) => void socket.end(`${OK}Transfer-Encoding: chunked\r\n\r\n14\r\nhalf`);
    expect((await failure(get().then(bytesOf))).code).toBe("upstream.truncated");
    answer = (socket) => void socket.end(`${OK}Content-Length: 20\r\n\r\nhalf`);
    expect(await failure(get())).toMatchObject({ code: "upstream.truncated", sent: "maybe" });
  });
});

describe("what is not HTTP, or too much of it", () => {
  const chunked = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
  test.each([
    ["status 000", "HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n", "upstream.bad_http"],
    ["status 600", "HTTP/1.1 600 None\r\nContent-Length: 0\r\n\r\n", "upstream.bad_http"],
    ["status 999", "HTTP/1.1 999 None\r\nContent-Length: 0\r\n\r\n", "upstream.bad_http"],
    ["lines that end with LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "upstream.bad_http"],
    ["gzip as a transfer coding", `${OK}Transfer-Encoding: gzip\r\n\r\n`, "upstream.bad_http"],
    ["5,000 fields", `${OK}${"X-A: b\r\n".repeat(5_000)}\r\n`, "response.head_too_large"],
    ["a long field", `${OK}X-A: ${"b".repeat(70_000)}\r\n\r\n`, "response.head_too_large"],
    ["endless interim answers", "HTTP/1.1 102 P\r\n\r\n".repeat(9_000), "response.head_too_large"],
    [
      "5,000 trailers",
      `${chunked}0\r\n${"X-A: b\r\n".repeat(5_000)}\r\n`,
      "response.head_too_large",
    ],
    ["an endless chunk extension", `${chunked}1;${"a".repeat(9_000)}`, "upstream.bad_http"],
  ])("%s", async (_, text, code) => {
    answer = (socket) => void socket.write(text);
    const error = await failure(get().then(bytesOf));
    expect(error).toMatchObject({ code, origin: "upstream" });
    expect(error.message).toContain(new URL(server.url).host);
    // Whatever else is on such a connection is nobody's answer.
    answer = (socket) => void socket.write(`${OK}Content-Length: 2\r\n\r\nok`);
    const before = server.connections;
    expect(await textOf(await get())).toBe("ok");
    expect(server.connections).toBe(before + 1);
  });

  test("300 fields are fine", async () => {
    const fields = Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}`).join("\r\n");
    answer = (socket) => void socket.write(`${OK}${fields}\r\nContent-Length: 2\r\n\r\nok`);
    const response = await get();
    expect(response.headers).toHaveLength(301);
    expect(response.headers[299]).toEqual(["x-299", "299"]);
    expect(await textOf(response)).toBe("ok");
  });

  test("an error names what was wrong, and nothing that was sent", async () => {
    answer = (socket) => void socket.write(`${OK}X-Secret : marker-5\r\n\r\n`);
    const { message, cause } = await failure(get("/?key=marker-5"));
    expect(message).toContain("a space between the name of a header field and its colon");
    expect(message + String(cause)).not.toContain("marker-5");
  });
});
