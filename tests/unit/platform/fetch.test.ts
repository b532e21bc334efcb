/** The engine over the standard fetch, as on workerd and in browsers. What only those can do is tested on them. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { createEngine, type Engine } from "../../../src/engine/engine.ts";
import { platform as web } from "../../../src/platform/web/mod.ts";
import { platform as workerd } from "../../../src/platform/workerd/mod.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { JSON_BODY, pattern, TEXT_BODY } from "../../support/upstream_routes.ts";
import { callTo, failure } from "../engine/support.ts";

let upstream: UpstreamServer;
let engine: Engine;

beforeAll(async () => {
  upstream = await startUpstream();
  engine = createEngine({ egress: { allow: ["127.0.0.1"] }, retry: false, breaker: false }, {
    platform: web,
  });
});
afterAll(async () => {
  await engine.close();
  await upstream.close();
});

function call(path: string, part: Partial<CallRequest> = {}): Promise<CallReply> {
  return engine.call(callTo(`${upstream.url}${path}`, part));
}

async function bytesOf({ body }: CallReply): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : new Uint8Array(await new Response(body).arrayBuffer());
}

describe("over fetch", () => {
  test.each([
    ["/json", JSON_BODY],
    ["/gzip", TEXT_BODY],
    ["/gzip?chunked", TEXT_BODY],
    ["/br", TEXT_BODY],
    ["/redirect?to=/json", JSON_BODY],
  ])("%s", async (path, text) => {
    const reply = await call(path);
    expect(new TextDecoder().decode(await bytesOf(reply))).toBe(text);
    expect(reply.headers.map(([name]) => name)).not.toContain("content-encoding");
  });

  test("bodies are byte-exact both ways, whole and streamed", async () => {
    const whole = await call("/echo", { method: "POST", body: pattern(300_000) });
    expect(await bytesOf(whole)).toEqual(pattern(300_000));
    const body = new Blob([pattern(300_000) as BlobPart]).stream();
    expect(await bytesOf(await call("/echo", { method: "POST", body }))).toEqual(pattern(300_000));
  });

  test("several Set-Cookie survive", async () => {
    const { headers } = await call("/cookies");
    expect(headers.filter(([name]) => name === "set-cookie")).toHaveLength(3);
  });

  test.each([
    ["/close", "upstream.reset"],
    ["/reset", "upstream.reset"],
    ["/truncate", "upstream.truncated"],
  ])("%s: %s", async (path, code) => {
    expect(await failure(call(path))).toMatchObject({ code, errorClass: 1, sent: "maybe" });
  });

  test.each([
    ["/reset-mid", "upstream.truncated"],
    ["/truncate-chunked", "upstream.truncated"],
  ])("%s in the stream: %s", async (path, code) => {
    expect(await failure(bytesOf(await call(path)))).toMatchObject({
      code,
      errorClass: 2,
      sent: "committed",
    });
  });

  test("nobody listens", async () => {
    const gone = await startUpstream();
    await gone.close();
    expect(await failure(engine.call(callTo(`${gone.url}/`)))).toMatchObject({
      code: "connect.refused",
      sent: "no",
    });
  });

  test("cancelling reaches the socket", async () => {
    for await (
      const _ of (await call("/chunks?n=100000&ms=1")).body as ReadableStream<Uint8Array>
    ) break;
    await (await upstream.request("/chunks")).closed;
    expect((await failure(call("/hang", { timeoutMs: 60 }))).code).toBe("deadline.exceeded");
    await (await upstream.request("/hang")).closed;
  });

  test.each([
    "http://localhost:1/",
    "http://10.0.0.1/",
    "http://[::1]/",
    "http://0x7f.1/",
    "http://metadata.google.internal/",
  ])(
    "%s is refused without a rule",
    async (url) => {
      const bare = createEngine({}, { platform: workerd });
      expect((await failure(bare.call(callTo(url)))).code).toBe("egress.denied");
    },
  );
});

test.each([web, workerd])("no sockets: $name", async (platform) => {
  const nothing = { data() {}, drain() {}, close() {} };
  const error = await failure(
    platform.dial({ kind: "unix", path: "/x" }, nothing, { timeoutMs: 100 }),
  );
  expect(error).toMatchObject({ code: "connect.unsupported", errorClass: 2 });
  expect(error.message).toContain("embedded:");
});
