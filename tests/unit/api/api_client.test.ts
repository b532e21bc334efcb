import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ApiClient,
  BadRequestError,
  ClientError,
  ConnectorError,
  ContentTooLargeError,
  ErrorClass,
  ForbiddenError,
  HttpStatusError,
  NotFoundError,
  RequestTimeoutError,
  RuntimeClient,
  ServerError,
  TooManyRequestsError,
  UnauthorizedError,
} from "../../../mod.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { bytes, failure, fakeTransport } from "../client/helpers.ts";

let upstream: UpstreamServer;
let client: RuntimeClient;
let api: ApiClient;
beforeAll(async () => {
  upstream = await startUpstream();
  client = new RuntimeClient({
    engine: { egress: { allow: [`127.0.0.1:${upstream.port}`] }, breaker: false },
  });
  api = new ApiClient({ client, baseURL: upstream.url, headers: { "X-Common": "1" } });
});
afterAll(async () => {
  await client.close();
  await upstream.close();
});

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
}

async function seen(request: Parameters<ApiClient["request"]>[0], by = api): Promise<Seen> {
  return (await by.request({ path: "/request", ...request })).json<Seen>();
}

const header = ({ headers }: Seen, name: string) =>
  headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);

describe("a request", () => {
  test("is put together from base, path and params", async () => {
    const params = { q: "a b&c", tag: ["x", "y"], none: undefined, nil: null, yes: true, n: 0 };
    expect((await seen({ params })).target).toBe("/request?q=a+b%26c&tag=x&tag=y&yes=true&n=0");
    const based = new ApiClient({ client, baseURL: `${upstream.url}/request?key=1` });
    expect((await seen({ path: "?a=1" }, based)).target).toBe("/request?a=1&key=1");
    expect((await seen({ path: undefined }, based)).target).toBe("/request?key=1");
    expect((await seen({ path: undefined, url: `${upstream.url}/request` })).target)
      .toBe("/request");
  });

  test("has the client's headers unless it has its own", async () => {
    expect(header(await seen({}), "x-common")).toEqual(["1"]);
    expect(header(await seen({ headers: { "x-common": "2" } }), "x-common")).toEqual(["2"]);
  });

  test("to another origin has none of the client's headers", async () => {
    const transport = fakeTransport();
    const secret = { authorization: "Bearer s3cret", "x-common": "1" };
    const based = new ApiClient({ transport, baseURL: "https://a.example/v1", headers: secret });
    await based.request({ url: "https://b.example/" });
    await based.request({ url: "https://a.example/" });
    const free = new ApiClient({ transport, headers: secret });
    await free.request({ url: "https://b.example/" });
    expect(transport.requests.map(({ headers }) => headers.map(([name]) => name)))
      .toEqual([[], ["authorization", "x-common"], ["x-common"]]);
  });

  test("carries JSON, forms, and bytes that stay bytes", async () => {
    const echo = async (request: Parameters<ApiClient["request"]>[0]) =>
      await api.request({ method: "POST", path: "/echo", ...request });
    expect((await echo({ json: { a: [1] } })).json()).toEqual({ a: [1] });
    expect((await upstream.request("/echo")).header("content-type")).toBe("application/json");
    expect((await echo({ json: null })).text()).toBe("null");
    expect((await echo({ form: { a: "1 2", b: ["x", "y"] } })).text()).toBe("a=1+2&b=x&b=y");
    const binary = Uint8Array.of(0, 255, 128, 10, 0xc3, 0x28);
    expect([...(await echo({ content: binary })).body]).toEqual([...binary]);
  });

  test("sends files as a form, not as JSON", async () => {
    const binary = Uint8Array.of(0, 255, 254);
    const response = await api.request({
      method: "POST",
      path: "/echo",
      form: { purpose: "test" },
      files: {
        a: { content: binary, filename: "a.bin", contentType: "image/png" },
        b: [new Blob(["text"], { type: "text/plain" }), bytes("b2")],
      },
    });
    const sent = await upstream.request("/echo");
    const type = sent.header("content-type") ?? "";
    expect(type).toMatch(/^multipart\/form-data; boundary=/);
    // Latin-1, so that each byte is a character.
    const parts = response.body.toString("latin1").split(`--${type.split("boundary=")[1]}`);
    expect(parts[1]).toContain(`name="purpose"\r\n\r\ntest`);
    expect(parts[2]).toContain(`name="a"; filename="a.bin"\r\nContent-Type: image/png\r\n`);
    expect(parts[2]).toContain("\r\n\r\n\x00\xff\xfe\r\n");
    expect(parts[3]).toMatch(/name="b"; filename="b"\r\nContent-Type: text\/plain[^]*text/);
    expect(parts[4]).toMatch(/name="b"; filename="b"\r\nContent-Type: application\/octet-stream/);
  });

  test("that contradicts itself is refused, with what would be right", async () => {
    const bare = new ApiClient({ client });
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const wrong: [Promise<unknown>, string, string][] = [
      [api.request({ path: "/a", url: "http://b" }), "request.url", "path and a url"],
      [bare.request({ path: "/a" }), "request.url", "no baseURL"],
      [bare.request({}), "request.url", "no url"],
      [api.request({ path: "http://b" }), "request.url", "give it as `url`"],
      [api.request({ url: "b" }), "request.url", "not an absolute URL"],
      [api.request({ json: 1, form: {} }), "request.body", "json and form"],
      [api.request({ content: "a", files: {} }), "request.body", "files and content"],
      [api.request({ json: circular }), "request.body", "cannot be written as JSON"],
      [api.request({ json: () => 1 }), "request.body", "json is a function"],
    ];
    for (const [work, code, words] of wrong) {
      const error = await failure(work);
      expect([error.code, error.errorClass]).toEqual([code, ErrorClass.InvalidRequest]);
      expect(error.message).toContain(words);
    }
    expect(() => new ApiClient({ baseURL: "/v1" })).toThrow("baseURL is not an absolute URL");
  });
});

describe("a status from 400 on", () => {
  test("is an error with its own class and ErrorClass", async () => {
    const classes = [
      [400, BadRequestError, "InvalidRequest"],
      [401, UnauthorizedError, "Permanent"],
      [403, ForbiddenError, "Permanent"],
      [404, NotFoundError, "Permanent"],
      [408, RequestTimeoutError, "Timeout"],
      [413, ContentTooLargeError, "InvalidRequest"],
      [418, ClientError, "Permanent"],
      [422, BadRequestError, "InvalidRequest"],
      [429, TooManyRequestsError, "RateLimited"],
      [500, ServerError, "Transient"],
      [501, ServerError, "Permanent"],
    ] as const;
    for (const [code, Class, errorClass] of classes) {
      const request = { path: "/status", params: { code } };
      const error = await failure(api.request(request, { retries: 0 }));
      expect(error).toBeInstanceOf(Class);
      expect(error).toBeInstanceOf(HttpStatusError);
      expect([error.name, error.code, error.status, error.getErrorClassName()])
        .toEqual([Class.name, "api.error", code, errorClass]);
      expect((error as HttpStatusError).response.text()).toBe(String(code));
    }
    expect((await api.request({ path: "/status", params: { code: 204 } })).status).toBe(204);
  });

  test("is kept when the answer is streamed, and when its body breaks off", async () => {
    const error = await failure(api.stream({ path: "/not-found" }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect([error.status, error.message])
      .toEqual([404, "The API answered with status 404: not found"]);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    const broken = new ApiClient({ transport: fakeTransport(() => ({ status: 503, body })) });
    expect(await failure(broken.stream({ url: "http://a/" }))).toBeInstanceOf(ServerError);
    let text = "";
    for await (const piece of await api.stream({ path: "/chunks", params: { n: 2 } })) {
      text += new TextDecoder().decode(piece);
    }
    expect(text.length).toBeGreaterThan(0);
  });

  test("repeats no credential in its message, and hides its response from logs", async () => {
    const headers = [["retry-after", "7"]] as const;
    const said = { error: { message: "Wrong key s3cret-key-1 (c2VjcmV0)" } };
    const transport = fakeTransport(() => ({
      status: 429,
      headers,
      body: bytes(JSON.stringify(said)),
    }));
    const secret = new ApiClient({
      transport,
      baseURL: "http://a/",
      headers: { Authorization: "Bearer s3cret-key-1" },
    });
    const error = await failure(secret.request({}));
    expect(error.message).toBe(
      "The API answered with status 429: Wrong key [redacted] (c2VjcmV0)",
    );
    expect([error.retryAfterMs, JSON.stringify(error).includes("s3cret")]).toEqual([7000, false]);
    expect(Object.keys(error)).not.toContain("response");
  });
});

describe("requestWithRetry", () => {
  const steps = (text: string) => ({ steps: text, id: crypto.randomUUID() });
  const quick = { initialBackoffMs: 1, maxBackoffMs: 5 };

  test("repeats what may be repeated, and gives the last answer as it was", async () => {
    const params = steps("503,500,200");
    const response = await api.requestWithRetry({ path: "/steps", params }, quick);
    expect([response.status, response.attempts]).toEqual([200, 3]);
    const failing = { path: "/steps", params: steps("503") };
    const error = await failure(api.requestWithRetry(failing, { ...quick, maxRetries: 1 }));
    expect([error.status, error.attempts]).toEqual([503, 2]);
  });

  test("with no retries tries once, and its failure is the answer's", async () => {
    const request = { path: "/steps", params: steps("503") };
    const error = await failure(api.requestWithRetry(request, { ...quick, maxRetries: 0 }));
    expect(error).toBeInstanceOf(ServerError);
    expect(error.attempts).toBe(1);
  });

  test("never repeats a POST without a key", async () => {
    const post = (idempotencyKey?: string) =>
      failure(api.requestWithRetry(
        { method: "POST", path: "/steps", params: steps("503"), json: {} },
        { ...quick, idempotencyKey },
      ));
    expect((await post()).attempts).toBe(1);
    expect((await post("key-1")).attempts).toBe(4);
  });

  test("does not retry earlier than asked, nor after a wait beyond its bound", async () => {
    const params = { ...steps("429,200"), after: "60000" };
    const error = await failure(api.requestWithRetry({ path: "/steps", params }, quick));
    expect(error).toBeInstanceOf(TooManyRequestsError);
    expect([error.attempts, error.retryAfterMs]).toEqual([1, 60_000]);
  });

  test("refuses numbers that make no sense", async () => {
    for (
      const wrong of [{ maxRetries: -1 }, { maxRetries: Number.NaN }, { initialBackoffMs: 0 }, {
        maxBackoffMs: Number.NaN,
      }]
    ) expect((await failure(api.requestWithRetry({}, wrong))).code).toBe("retry.options");
  });
});

describe("closing", () => {
  test("closes what the client created itself, not what it was given", async () => {
    const given = new RuntimeClient({ transport: fakeTransport() });
    const over = new ApiClient({ client: given });
    expect([over.client, over.fetch]).toEqual([given, given.fetch]);
    await over.close();
    expect((await given.executeHTTP({ url: "http://a/" })).status).toBe(200);

    const transport = fakeTransport();
    const own = new ApiClient({ transport });
    {
      await using inner = own;
      await inner.request({ url: "http://a/" });
    }
    expect((await failure(own.request({ url: "http://a/" }))).code).toBe("client.closed");
    expect(transport.closes).toBe(0);
    expect(await failure(own.close().then(() => own.request({ url: "http://a/" }))))
      .toBeInstanceOf(ConnectorError);
  });
});
