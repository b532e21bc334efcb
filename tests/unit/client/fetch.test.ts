import { describe, expect, test } from "bun:test";
import type { CallReply, CallRequest } from "../../../src/core/call.ts";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import { bytes, clientOver, fakeTransport, streamOf } from "./helpers.ts";

function fetching(
  answer?: (request: CallRequest) => Partial<CallReply> | Promise<Partial<CallReply>>,
) {
  const transport = fakeTransport(answer);
  const { fetch } = clientOver(transport);
  return { fetch, requests: transport.requests };
}

async function thrown(work: Promise<unknown>): Promise<Error> {
  return await work.then(() => new Error("resolved"), (error: Error) => error);
}

describe("client.fetch", () => {
  test("takes a string, a URL and a Request, without its client", async () => {
    const { fetch, requests } = fetching();
    await fetch("http://a/x y");
    await fetch(new URL("http://a/b"), { method: "post", body: "hi", headers: { "X-A": "1" } });
    await fetch(new Request("http://a/c", { method: "PUT", body: "hi", headers: { "x-b": "2" } }));
    await fetch(new Request("http://a/d", { method: "PUT", body: "hi" }), {
      method: "DELETE",
      body: "other",
    });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET http://a/x%20y",
      "POST http://a/b",
      "PUT http://a/c",
      "DELETE http://a/d",
    ]);
    expect(requests[1]?.headers).toEqual([["x-a", "1"], [
      "content-type",
      "text/plain;charset=UTF-8",
    ]]);
    expect(requests[1]?.body).toEqual(bytes("hi"));
    expect(new Headers(requests[2]?.headers as [string, string][]).get("x-b")).toBe("2");
    expect(requests[2]?.body).toEqual(bytes("hi"));
    expect(requests[3]?.body).toEqual(bytes("other"));
    expect(requests[0]?.timeoutMs).toBe(600_000);
  });

  test("a Request whose body is still being produced is passed on as a stream", async () => {
    const { fetch, requests } = fetching();
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (c) => {
        controller = c;
        c.enqueue(bytes("one"));
      },
    });
    const init = { method: "POST", body, duplex: "half" } as RequestInit;
    await fetch(new Request("http://a/", init));
    expect(requests[0]?.body).toBeInstanceOf(ReadableStream);
    controller?.enqueue(bytes("two"));
    controller?.close();
    expect(await new Response(requests[0]?.body as BodyInit).text()).toBe("onetwo");
  });

  test("gives a Response with status, text, headers, several cookies and the body", async () => {
    const { fetch } = fetching(() => ({
      status: 404,
      headers: [["Content-Type", "application/json"], ["Set-Cookie", "a=1"], ["set-cookie", "b=2"]],
      body: bytes('{"a":1}'),
    }));
    const response = await fetch("http://a/b#c");
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.ok, response.statusText]).toEqual([404, false, "Not Found"]);
    expect(response.url).toBe("http://a/b");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await response.json()).toEqual({ a: 1 });
  });

  test("streams, and cancelling the body cancels the source", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("x")),
      cancel: () => {
        cancelled = true;
      },
    });
    const { fetch } = fetching(() => ({ body }));
    const reader = (await fetch("http://a/")).body?.getReader();
    expect((await reader?.read())?.value).toEqual(bytes("x"));
    await reader?.cancel();
    expect(cancelled).toBe(true);
  });

  test("statuses without a body, and statuses that no constructor takes", async () => {
    for (const status of [204, 205, 304]) {
      const response = await fetching(() => ({ status, body: streamOf("x") })).fetch("http://a/");
      expect([response.status, response.body]).toEqual([status, null]);
    }
    const odd = await fetching(() => ({ status: 999, body: bytes("x") })).fetch("http://a/");
    expect([odd.status, odd.ok, await odd.text()]).toEqual([999, false, "x"]);
  });

  test("headers that WHATWG Headers refuse do not cost the response", async () => {
    const { fetch } = fetching(() => ({
      headers: [["x-a", "\u4f60"], ["bad name", "1"], ["x-b", "2"]],
    }));
    const { headers } = await fetch("http://a/");
    expect(headers.get("x-b")).toBe("2");
    expect(headers.get("x-a")).toBe("%E4%BD%A0");
  });

  test("redirect modes", async () => {
    const redirect = () => ({ status: 302, headers: [["Location", "/b"]] as const });
    const follow = fetching(redirect);
    await follow.fetch("http://a/");
    expect(follow.requests[0]?.policy?.maxRedirects).toBe(undefined);
    const manual = fetching(redirect);
    const response = await manual.fetch("http://a/", { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([302, "/b"]);
    expect(manual.requests[0]?.policy?.maxRedirects).toBe(0);
    expect(await thrown(fetching(redirect).fetch("http://a/", { redirect: "error" })))
      .toBeInstanceOf(TypeError);
  });

  test("a failure is a TypeError with the ConnectorError as its cause", async () => {
    const failed = new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "x",
      message: "refused",
    });
    const { fetch } = fetching(() => Promise.reject(failed));
    const error = await thrown(fetch("http://a/"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain("refused");
    expect(error.cause).toBe(failed);
    expect(await thrown(fetch("/relative"))).toBeInstanceOf(TypeError);
  });

  test("null takes the signal of a Request away, and GET has no body", async () => {
    const { fetch, requests } = fetching();
    const aborted = new Request("http://a/", { signal: AbortSignal.abort() });
    expect((await fetch(aborted, { signal: null })).status).toBe(200);
    expect(requests[0]?.signal).toBeUndefined();
    for (const method of ["get", "HEAD"]) {
      const error = await thrown(fetch("http://a/", { method, body: "x" }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toContain(`a ${method.toUpperCase()} request cannot have a body`);
    }
    expect(requests.length).toBe(1);
  });

  test("an abort is the signal's reason: before, during the call and in the body", async () => {
    const { fetch, requests } = fetching(({ signal }) =>
      new Promise((_, reject) =>
        signal?.addEventListener("abort", () => reject(new Error("underneath")))
      )
    );
    const before = await thrown(fetch("http://a/", { signal: AbortSignal.abort() }));
    expect(before.name).toBe("AbortError");
    expect(requests).toEqual([]);
    const controller = new AbortController();
    const during = thrown(fetch("http://a/", { signal: controller.signal }));
    while (requests.length === 0) await Promise.resolve();
    controller.abort();
    expect((await during).name).toBe("AbortError");

    const late = new AbortController();
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      start: (c) => c.enqueue(bytes("one")),
      cancel: () => {
        cancelled = true;
      },
    });
    const response = await fetching(() => ({ body: endless })).fetch("http://a/", {
      signal: late.signal,
    });
    const reader = response.body!.getReader();
    expect((await reader.read()).value).toEqual(bytes("one"));
    const pending = thrown(reader.read());
    late.abort();
    expect((await pending).name).toBe("AbortError");
    expect(cancelled).toBe(true);
  });

  test("a body that fails halfway errors its reader with the ConnectorError", async () => {
    const failed = new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "connection.lost",
      message: "m",
    });
    const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(failed) });
    const { signal } = new AbortController();
    const response = await fetching(() => ({ body })).fetch("http://a/", { signal });
    expect(await thrown(response.body!.getReader().read())).toBe(failed);
  });
});
