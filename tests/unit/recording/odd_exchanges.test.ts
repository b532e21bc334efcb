/** Requests and recordings as they seldom are: forms with files, bytes, compressed bodies, files that were edited. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { RuntimeClient } from "../../../mod.ts";
import {
  createRecorder,
  createReplay,
  type Exchange,
  formatExchange,
  formatHead,
  parseRecording,
} from "../../../src/recording/mod.ts";
import { fakeClock } from "../../support/clock.ts";
import { settle } from "../concurrency/support.ts";

const HEAD = { connector: "c", version: "1" };
const EXCHANGE: Exchange = {
  request: { method: "GET", target: "/a", headers: [] },
  response: {
    status: 200,
    afterMs: 400,
    headers: [],
    chunks: [{ afterMs: 0, text: "a" }, { afterMs: 100, text: "b" }],
  },
};

async function partsOf(file: string) {
  const form = new FormData();
  form.append("purpose", "batch");
  form.append("file", new File([file], "a.jsonl"));
  const request = new Request("http://here/a", { method: "POST", body: form });
  return new Uint8Array(await request.arrayBuffer());
}

function replayOf(body: Uint8Array) {
  const content = { base64: btoa(String.fromCharCode(...body)) };
  const request = { ...EXCHANGE.request, method: "POST", body: content };
  return createReplay({ ...HEAD, exchanges: [{ ...EXCHANGE, request }] }, { speed: Infinity });
}

describe("a replay", () => {
  const post = (body: Uint8Array) => ({ method: "POST", target: "/a", body });

  test("knows a form with files again, whose boundary is made up each time", async () => {
    const replay = replayOf(await partsOf("one"));
    expect(await replay(post(await partsOf("one")))).toBeDefined();
    expect(replay(post(await partsOf("two")))).toBeUndefined();
  });

  test("tells binary bodies apart", async () => {
    const replay = replayOf(new Uint8Array([1, 0xff, 2]));
    expect(await replay(post(new Uint8Array([1, 0xff, 2])))).toBeDefined();
    expect(replay(post(new Uint8Array([1, 0xfe, 2])))).toBeUndefined();
  });

  test("waits before the head as the API did, and between chunks", async () => {
    const clock = fakeClock();
    const replay = createReplay({ ...HEAD, exchanges: [EXCHANGE] }, { speed: 2, clock });
    let head = false;
    const answered = replay({ method: "GET", target: "/a", body: new Uint8Array() })
      ?.then((response) => {
        head = true;
        return response.text();
      });
    await clock.advance(199);
    expect(head).toBe(false);
    await clock.advance(1);
    await settle();
    expect(head).toBe(true);
    await clock.advance(50);
    expect(await answered).toBe("ab");
  });

  test("has a speed above 0", () => {
    for (const speed of [0, -1, Number.NaN]) {
      expect(() => createReplay({ ...HEAD, exchanges: [] }, { speed })).toThrow("speed is");
    }
  });
});

describe("a file", () => {
  const { request, response } = EXCHANGE;
  const edited: Readonly<Record<string, unknown>> = {
    "a status that no answer has": { request, response: { ...response, status: 42 } },
    "a header without a value": { request, response: { ...response, headers: [["a"]] } },
    "a chunk without content": { request, response: { ...response, chunks: [{ afterMs: 1 }] } },
    "a chunk that is not base64": {
      request,
      response: { ...response, chunks: [{ afterMs: 1, base64: "%" }] },
    },
    "a chunk without its time": { request, response: { ...response, chunks: [{ text: "a" }] } },
    "a time before the request": { request, response: { ...response, afterMs: -1 } },
    "no request": { request: null, response },
  };
  for (const [what, exchange] of Object.entries(edited)) {
    test(`with ${what} is refused with the line`, () => {
      const text = `${formatHead(HEAD)}${formatExchange(EXCHANGE)}${JSON.stringify(exchange)}\n`;
      expect(() => parseRecording(text)).toThrow("Line 3 of the recording");
    });
  }
});

describe("a compressed request", () => {
  const SECRET = "sk-live-abcdef123456";
  const TEXT = `{"api_key":"${SECRET}","n":1}`;
  const kept: Exchange[] = [];
  let api: Server;
  let client: RuntimeClient;
  let record: (request: Request) => Promise<Response>;
  let seen: { encoding: string | undefined; body: Buffer };

  const read = async (request: IncomingMessage) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };

  beforeAll(async () => {
    api = createServer((request, response) => {
      void read(request).then((body) => {
        seen = { encoding: request.headers["content-encoding"], body };
        response.end("{}");
      });
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    const { port } = api.address() as AddressInfo;
    client = new RuntimeClient({ egress: { allow: [`127.0.0.1:${port}`] } });
    record = createRecorder({
      target: `http://127.0.0.1:${port}`,
      call: (call) => client.call(call),
      secret: { headers: new Set(), query: new Set(), values: [] },
      onExchange: (exchange) => kept.push(exchange),
      maxBodyBytes: 1_000,
    });
  });
  beforeEach(() => void kept.splice(0));
  afterAll(async () => {
    await client.close();
    api.closeAllConnections();
    api.close();
  });
  const send = (encoding: string, body: Uint8Array) =>
    record(
      new Request("http://here/a", {
        method: "POST",
        headers: { "content-encoding": encoding },
        body: new Uint8Array(body),
      }),
    );

  for (
    const [encoding, pack, unpack] of [
      ["gzip", gzipSync, gunzipSync],
      ["deflate", deflateSync, inflateSync],
    ] as const
  ) {
    test(`with ${encoding} goes on as it came, and is kept readable without its secrets`, async () => {
      expect((await send(encoding, pack(TEXT))).status).toBe(200);
      expect([seen.encoding, unpack(seen.body).toString()]).toEqual([encoding, TEXT]);
      expect(kept[0]?.request.body).toEqual({ text: TEXT.replace(SECRET, "*".repeat(20)) });
      expect(kept[0]?.request.headers.map(([name]) => name)).not.toContain("content-encoding");
    });
  }

  test("in which no secret could be found, or that is too large, is refused", async () => {
    expect((await send("br", brotliCompressSync(TEXT))).status).toBe(415);
    expect((await send("gzip", new TextEncoder().encode("no gzip"))).status).toBe(415);
    expect((await send("gzip", gzipSync("a".repeat(2_000)))).status).toBe(413);
    expect(kept).toEqual([]);
  });
});
