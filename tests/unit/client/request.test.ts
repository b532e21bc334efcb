import { describe, expect, test } from "bun:test";
import type { HTTPRequest } from "../../../src/client/mod.ts";
import type { CallRequest } from "../../../src/core/call.ts";
import { clientOver, failure, fakeTransport, streamOf } from "./helpers.ts";

async function sent(request: HTTPRequest): Promise<CallRequest> {
  const transport = fakeTransport();
  await clientOver(transport, { tenantId: "acme", workspaceId: "w", traceId: "t", timeoutMs: 1234 })
    .executeHTTP(request);
  return transport.requests[0] as CallRequest;
}

describe("a request", () => {
  test("takes what it does not say from the client", async () => {
    expect(await sent({ url: "http://a/" })).toMatchObject({
      method: "GET",
      url: "http://a/",
      headers: [],
      body: null,
      tenantId: "acme",
      workspaceId: "w",
      traceId: "t",
      timeoutMs: 1234,
      connector: "http",
      operation: "request",
    });
  });

  test("says more than the client", async () => {
    const { signal } = new AbortController();
    const own = {
      method: "PATCH",
      tenantId: "b",
      workspaceId: "x",
      traceId: "y",
      timeoutMs: 5,
      idempotencyKey: "k",
      traceparent: "00-a-b-01",
      signal,
    };
    expect(await sent({ url: new URL("http://a/b?c=d"), ...own })).toMatchObject({
      ...own,
      url: "http://a/b?c=d",
    });
  });

  const headers: readonly (readonly [string, HTTPRequest["headers"], unknown])[] = [
    ["a record", { A: "1", b: ["2", "3"], c: undefined }, [["A", "1"], ["b", "2"], ["b", "3"]]],
    ["pairs", [["A", "1"], ["A", "2"]], [["A", "1"], ["A", "2"]]],
    ["Headers", new Headers([["A", "1"], ["set-cookie", "x"], ["set-cookie", "y"]]), [
      ["a", "1"],
      ["set-cookie", "x"],
      ["set-cookie", "y"],
    ]],
  ];
  for (const [name, input, list] of headers) {
    test(`headers as ${name}`, async () => {
      expect((await sent({ url: "http://a/", headers: input })).headers).toEqual(list as never);
    });
  }

  const form = new FormData();
  form.set("field", "värde");
  form.set("file", new Blob([Uint8Array.from([0, 255])]), "f.bin");
  const bodies: readonly (readonly [string, HTTPRequest["body"], string, RegExp | undefined])[] = [
    ["a string", "hé", "hé", /^text\/plain;charset=UTF-8$/],
    ["bytes", Uint8Array.from([104, 105]), "hi", undefined],
    ["an ArrayBuffer", Uint8Array.from([104, 105]).buffer, "hi", undefined],
    ["a Blob", new Blob(["hi"], { type: "image/png" }), "hi", /^image\/png$/],
    ["a Blob without type", new Blob(["hi"]), "hi", undefined],
    [
      "URLSearchParams",
      new URLSearchParams({ a: "1 2", b: "é" }),
      "a=1+2&b=%C3%A9",
      /^application\/x-www-form-urlencoded;charset=UTF-8$/,
    ],
    ["FormData", form, "värde", /^multipart\/form-data; ?boundary=/],
  ];
  for (const [name, input, contains, type] of bodies) {
    test(`body as ${name}`, async () => {
      const { body, headers } = await sent({ url: "http://a/", method: "POST", body: input });
      expect(body).toBeInstanceOf(Uint8Array);
      expect(new TextDecoder().decode(body as Uint8Array)).toContain(contains);
      const contentType = headers.find(([key]) => key === "content-type")?.[1];
      if (type === undefined) expect(contentType).toBe(undefined);
      else expect(contentType).toMatch(type);
    });
  }

  test("a multipart body announces the boundary that it has", async () => {
    const { body, headers } = await sent({ url: "http://a/", method: "POST", body: form });
    const boundary = /boundary=(.+)$/.exec(headers[0]?.[1] ?? "")?.[1];
    expect(new TextDecoder().decode(body as Uint8Array)).toContain(`--${boundary}--`);
  });

  test("a stream stays a stream, and so does a Blob of more than a megabyte", async () => {
    const stream = streamOf("hi");
    expect((await sent({ url: "http://a/", body: stream })).body).toBe(stream);
    const large = new Blob([new Uint8Array(2_000_000)]);
    expect((await sent({ url: "http://a/", body: large })).body).toBeInstanceOf(ReadableStream);
  });

  test("a content type of the caller is kept, in any case", async () => {
    const { headers } = await sent({
      url: "http://a/",
      body: "{}",
      headers: { "Content-Type": "application/json" },
    });
    expect(headers).toEqual([["Content-Type", "application/json"]]);
  });

  const bad: readonly (readonly [string, unknown, string])[] = [
    ["no url", {}, "request.url"],
    ["an empty url", { url: "" }, "request.url"],
    ["a url of another type", { url: 5 }, "request.url"],
    ["a timeout of 0", { url: "http://a/", timeoutMs: 0 }, "request.timeout"],
    ["a negative timeout", { url: "http://a/", timeoutMs: -1 }, "request.timeout"],
    ["a timeout that is not a number", { url: "http://a/", timeoutMs: NaN }, "request.timeout"],
    ["an endless timeout", { url: "http://a/", timeoutMs: Infinity }, "request.timeout"],
    ["null as a header", { url: "http://a/", headers: { a: null } }, "request.header"],
    ["an object as a header", { url: "http://a/", headers: { a: {} } }, "request.header"],
    ["an object as body", { url: "http://a/", body: { a: 1 } }, "request.body"],
    ["a number as body", { url: "http://a/", body: 5 }, "request.body"],
  ];
  for (const [name, request, code] of bad) {
    test(`refuses ${name}`, async () => {
      const transport = fakeTransport();
      const call = clientOver(transport).executeHTTP(request as HTTPRequest);
      expect(await failure(call)).toMatchObject({ code, origin: "caller" });
      expect(transport.requests).toEqual([]);
    });
  }
});
