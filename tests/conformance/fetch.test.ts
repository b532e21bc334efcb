/**
 * `client.fetch` against the cases of the web platform tests' `fetch/api` that do not need a browser, in our own words: the
 * first word of a test is the file there. Left out are those about origins, CORS, modes, referrers, service workers, caches,
 * cookies, keepalive, integrity, priorities, `data:`, `blob:` and `about:` URLs, since a runtime on a server has no page
 * whose rules they are, and those of Headers, Request and Response themselves, which are the platform's own.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Fetch } from "../../mod.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";
import { type Host, type HostName, startHost } from "./hosts.ts";

interface Seen {
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

let upstream: UpstreamServer;
beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());

const at = (path: string): string => `${upstream.url}${path}`;
const redirect = (status: number, to = "/request") =>
  at(`/redirect?status=${status}&to=${encodeURIComponent(to)}`);
/** The request as the API got it, once the answer is read. */
async function seen(response: Response): Promise<Seen> {
  await response.text();
  const request = upstream.requests.at(-1);
  const body = new TextDecoder().decode(await request?.body);
  return { method: request?.method ?? "", headers: request?.headers ?? [], body };
}
const header = ({ headers }: Seen, name: string): string | undefined =>
  headers.find(([key]) => key.toLowerCase() === name)?.[1];

async function thrown(work: Promise<unknown>): Promise<Error> {
  return await work.then(
    (value) => Promise.reject(new Error(`resolved with ${String(value)}`)),
    (error: Error) => error,
  );
}

/** Status, method, and the method afterwards: with a body only where the request keeps both. */
const REDIRECTS = [
  [301, "GET", "GET"],
  [301, "POST", "GET"],
  [301, "HEAD", "HEAD"],
  [302, "GET", "GET"],
  [302, "POST", "GET"],
  [302, "HEAD", "HEAD"],
  [303, "GET", "GET"],
  [303, "POST", "GET"],
  [303, "HEAD", "HEAD"],
  [303, "PURGE", "GET"],
  [307, "GET", "GET"],
  [307, "POST", "POST"],
  [307, "HEAD", "HEAD"],
  [308, "PUT", "PUT"],
] as const;

const BODIES:
  readonly (readonly [name: string, body: () => BodyInit, text: string, type?: string])[] = [
    ["a string", () => "Text, ü", "Text, ü", "text/plain;charset=UTF-8"],
    [
      "URLSearchParams",
      () => new URLSearchParams({ name: "va lue" }),
      "name=va+lue",
      "application/x-www-form-urlencoded;charset=UTF-8",
    ],
    ["a Blob", () => new Blob(["Test"]), "Test"],
    ["a Blob with a type", () => new Blob(["Test"], { type: "text/maybe" }), "Test", "text/maybe"],
    ["an ArrayBuffer", () => new ArrayBuffer(4), "\0\0\0\0"],
    ["a Uint8Array", () => new Uint8Array(4), "\0\0\0\0"],
    ["a Float64Array", () => new Float64Array(1), "\0".repeat(8)],
    ["part of a buffer", () => new DataView(new ArrayBuffer(8), 0, 4), "\0\0\0\0"],
    ["a stream", () => new Blob(["Te", "st"]).stream(), "Test"],
  ];

const NOT_BYTES: readonly (readonly [string, unknown])[] = [
  ["a string", "Test"],
  ["null", null],
  ["a number", 99],
  ["an ArrayBuffer", new ArrayBuffer(1)],
  ["a Blob", new Blob()],
];

for (const name of ["embedded", "unix"] satisfies HostName[]) {
  describe(`${name}:`, () => {
    let host: Host;
    let fetch: Fetch;
    beforeAll(async () => {
      host = await startHost(name, [`${upstream.host}:${upstream.port}`]);
      fetch = host.client().fetch;
    });
    afterAll(() => host.stop());

    test("redirect-method: which requests keep their method and body", async () => {
      for (const [status, method, after] of REDIRECTS) {
        const kept = after !== "GET" && after !== "HEAD";
        const sends = method === "POST" || method === "PUT";
        const response = await fetch(redirect(status), {
          method,
          headers: { "content-language": "en" },
          ...(sends && { body: "this is my body" }),
        });
        expect([status, response.status, response.redirected, response.url]).toEqual([
          ...[status, 200, true],
          at("/request"),
        ]);
        const request = upstream.requests.at(-1);
        expect([status, method, request?.method]).toEqual([status, method, after]);
        if (after === "HEAD") continue;
        const got = await seen(response);
        expect([status, method, got.body]).toEqual([status, method, kept ? "this is my body" : ""]);
        if (!sends) continue;
        for (const about of ["content-language", "content-type"]) {
          expect([about, header(got, about) !== undefined]).toEqual([about, kept]);
        }
      }
      expect((await fetch(at("/json"))).redirected).toBe(false);
    });

    test("redirect-count: 20 redirects of a chain may be too many, an endless one is", async () => {
      expect((await fetch(at("/redirects?n=10"))).status).toBe(200);
      const error = await thrown(fetch(at("/redirects?n=1000000")));
      expect(error).toBeInstanceOf(TypeError);
      expect((error.cause as { code: string }).code).toBe("redirect.too_many");
    });

    test("redirect-location: what a Location may be", async () => {
      const relative = await fetch(redirect(302, "json"));
      expect([relative.status, relative.url]).toEqual([200, at("/json")]);
      // None at all: the redirect is the answer.
      const none = await fetch(at("/status?code=302"));
      expect([none.status, none.redirected]).toEqual([302, false]);
      for (const to of ["data:text/plain,hi", "mailto:a@b.example", "http://[", "javascript:1"]) {
        expect([to, (await thrown(fetch(redirect(302, to)))).name]).toEqual([to, "TypeError"]);
      }
    });

    test("redirect-mode: follow, manual and error", async () => {
      const manual = await fetch(redirect(302), { redirect: "manual" });
      expect([manual.status, manual.redirected, manual.url]).toEqual([302, false, redirect(302)]);
      expect(await thrown(fetch(redirect(301), { redirect: "error" }))).toBeInstanceOf(TypeError);
      const asked = new Request(redirect(307), { redirect: "manual" });
      expect((await fetch(asked)).status).toBe(307);
      expect((await fetch(asked, { redirect: "follow" })).status).toBe(200);
    });

    test("redirect-origin: credentials stay at their origin", async () => {
      const other = await startUpstream();
      try {
        // Another port is another origin, and not allowed here: refused before anything is sent.
        const to = `${other.url}/request`;
        const error = await thrown(fetch(redirect(302, to), { headers: { authorization: "x" } }));
        expect(error).toBeInstanceOf(TypeError);
        expect(other.requests.length).toBe(0);
      } finally {
        await other.close();
      }
    });

    for (const [what, body, text, type] of BODIES) {
      test(`request-upload: ${what}`, async () => {
        const init = { method: "POST", body: body(), duplex: "half" } as RequestInit;
        const got = await seen(await fetch(at("/request"), init));
        expect([got.method, got.body]).toEqual(["POST", text]);
        expect(header(got, "content-type")).toBe(type);
        // The same in a Request.
        const request = new Request(at("/request"), { ...init, body: body() });
        expect((await seen(await fetch(request))).body).toBe(text);
        expect(request.bodyUsed).toBe(true);
        expect(await thrown(fetch(request))).toBeInstanceOf(TypeError);
      });
    }

    test("request-upload: FormData, with a file", async () => {
      const form = new FormData();
      form.append("field", "1");
      form.append("file", new File(["bytes"], "a.txt", { type: "text/plain" }));
      const got = await seen(await fetch(at("/request"), { method: "POST", body: form }));
      const type = header(got, "content-type") ?? "";
      const parsed = await new Response(got.body, { headers: { "content-type": type } }).formData();
      expect(parsed.get("field")).toBe("1");
      expect(await (parsed.get("file") as File).text()).toBe("bytes");
    });

    for (const [what, chunk] of NOT_BYTES) {
      test(`request-upload: a stream of ${what} is a TypeError`, async () => {
        const body = new ReadableStream({
          start(controller) {
            controller.enqueue(chunk);
            controller.close();
          },
        });
        const init = { method: "POST", body, duplex: "half" } as RequestInit;
        expect(await thrown(fetch(at("/request"), init))).toBeInstanceOf(TypeError);
      });
    }

    test("request-upload: a stream that fails is a TypeError", async () => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error("x")) });
      const init = { method: "POST", body, duplex: "half" } as RequestInit;
      expect(await thrown(fetch(at("/request"), init))).toBeInstanceOf(TypeError);
    });

    test("request-headers: method in capitals, own names and values as they are", async () => {
      const got = await seen(
        await fetch(at("/request"), { method: "post", headers: [["X-A", " b "], ["x-a", "c"]] }),
      );
      expect(got.method).toBe("POST");
      expect(header(got, "x-a")).toBe("b, c");
      expect(header(got, "content-length")).toBe("0");
      // Not as there: that `patch` stays in small letters, which no API takes, and that any token is a method.
      expect((await seen(await fetch(at("/request"), { method: "patch" }))).method).toBe("PATCH");
      for (const method of ["CONNECT", "TRACE", "track", "in valid"]) {
        const error = await thrown(fetch(at("/request"), { method }));
        expect([method, error.name]).toEqual([method, "TypeError"]);
      }
    });

    test("header-value-combining and http-response-code: what a Response holds", async () => {
      const cookies = await fetch(at("/cookies"));
      expect(cookies.headers.getSetCookie()).toHaveLength(3);
      expect([cookies.type === "default" || cookies.type === "basic", cookies.ok]).toEqual([
        true,
        true,
      ]);
      const odd = await fetch(at("/status?code=299"));
      expect([odd.status, odd.ok, await odd.text()]).toEqual([299, true, "299"]);
      const failed = await fetch(at("/status?code=500"));
      expect([failed.status, failed.ok]).toEqual([500, false]);
    });

    test("stream-response and response-consume: a body is read once, as anything", async () => {
      const response = await fetch(at("/json"));
      const copy = response.clone();
      expect(typeof await response.json()).toBe("object");
      expect(response.bodyUsed).toBe(true);
      expect(await thrown(response.text())).toBeInstanceOf(TypeError);
      expect((await copy.arrayBuffer()).byteLength).toBeGreaterThan(0);
      expect(await (await fetch(at("/text?kb=1"))).blob()).toHaveProperty("size", 1024);
      expect((await (await fetch(at("/text?kb=1"))).bytes()).length).toBe(1024);
      expect((await fetch(at("/status?code=204"))).body).toBeNull();
      const reader = (await fetch(at("/flood?mb=1"))).body?.getReader();
      let length = 0;
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        expect(part.value).toBeInstanceOf(Uint8Array);
        length += part.value?.length ?? 0;
      }
      expect(length).toBe(1024 * 1024);
    });

    test("response-clone: both halves of a stream get all of it", async () => {
      const response = await fetch(at("/flood?mb=1"));
      const [one, other] = await Promise.all([response.clone().bytes(), response.bytes()]);
      expect([one.length, other.length]).toEqual([1024 * 1024, 1024 * 1024]);
    });

    test("response-url and response-fragment: absolute, without the fragment", async () => {
      expect((await fetch(`${at("/json")}?a=b#c`)).url).toBe(`${at("/json")}?a=b`);
      expect((await fetch(new Request(`${at("/json")}#x`))).url).toBe(at("/json"));
    });

    test("abort/general: before, while waiting, in the body; the reason is what is thrown", async () => {
      const own = new Error("my reason");
      expect(await thrown(fetch(at("/json"), { signal: AbortSignal.abort(own) }))).toBe(own);
      const request = new Request(at("/json"), { signal: AbortSignal.abort() });
      expect((await thrown(fetch(request))).name).toBe("AbortError");
      const waiting = new AbortController();
      const pending = thrown(fetch(at("/hang"), { signal: waiting.signal }));
      await upstream.request("/hang");
      waiting.abort(own);
      expect(await pending).toBe(own);
      const reading = new AbortController();
      const response = await fetch(at("/hang-mid"), { signal: reading.signal });
      const text = thrown(response.text());
      reading.abort();
      expect((await text).name).toBe("AbortError");
      const timeout = await thrown(fetch(at("/hang"), { signal: AbortSignal.timeout(20) }));
      expect(timeout.name).toBe("TimeoutError");
    });

    test("abort/general: an abort after the end changes nothing", async () => {
      const late = new AbortController();
      const response = await fetch(at("/json"), { signal: late.signal });
      const body = await response.text();
      late.abort();
      expect(body.length).toBeGreaterThan(0);
    });

    test("errors: a TypeError with a cause, never anything else", async () => {
      for (const path of ["/reset", "/close", "/bad-http"]) {
        const error = await thrown(fetch(at(path)));
        expect([path, error.name, error.cause instanceof Error]).toEqual([path, "TypeError", true]);
      }
      const refused = await thrown(fetch("http://127.0.0.1:1/"));
      expect(refused).toBeInstanceOf(TypeError);
      for (const url of ["/relative", "http://", "ftp://a.example/", "http://user:pw@a.example/"]) {
        expect([url, (await thrown(fetch(url))).name]).toEqual([url, "TypeError"]);
      }
      // A short body is waited for, so that its end may fail the call or the reading.
      const cut = await thrown(fetch(at("/truncate")).then((response) => response.text()));
      expect(cut.name).toMatch(/TypeError|ConnectorError/);
    });
  });
}
