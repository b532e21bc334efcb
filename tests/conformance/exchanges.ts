/** Requests and whole answers. */
import { Buffer } from "node:buffer";
import { expect } from "bun:test";
import { ConnectorError, ErrorClass, POST } from "../../mod.ts";
import { Stripe } from "../../connectors/stripe/mod.gen.ts";
import { JSON_BODY, pattern } from "../support/upstream_routes.ts";
import { type Behaviour, failure } from "./context.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

export const exchanges: readonly Behaviour[] = [
  {
    name: "a small answer arrives whole, with its figures",
    async run({ client, upstream }) {
      const response = await client.executeHTTP({ url: `${upstream.url}/json` });
      expect(response.statusCode).toBe(200);
      expect(response.text()).toBe(JSON_BODY);
      expect(response.headers["content-type"]).toBe("application/json");
      expect(response.attempts).toBe(1);
      expect(response.durationUs).toBeGreaterThan(0);
      expect(response.requestId).not.toBe("");
    },
  },
  {
    name: "the bytes 0 to 255 come back identical",
    async run({ client, upstream }) {
      const request = { method: "POST", url: `${upstream.url}/echo`, body: ALL_BYTES };
      expect([...(await client.executeHTTP(request)).body]).toEqual([...ALL_BYTES]);
      const fetched = await client.fetch(request.url, { method: "POST", body: ALL_BYTES });
      expect([...new Uint8Array(await fetched.arrayBuffer())]).toEqual([...ALL_BYTES]);
    },
  },
  {
    name: "a megabyte goes up and comes down identical",
    async run({ client, upstream }) {
      const body = pattern(1024 * 1024 + 7);
      const request = { method: "POST", url: `${upstream.url}/echo`, body };
      const response = await client.executeHTTP(request);
      expect(response.body.length).toBe(body.length);
      expect(same(response.body, body)).toBe(true);
    },
  },
  {
    name: "bodies around every limit of the wire are exact, with and without a length",
    async run({ client, upstream }) {
      for (const n of [0, 1, 65_535, 65_536, 65_537, 262_144, 262_145, 3_000_000]) {
        for (const how of ["", "&chunked"]) {
          const { body } = await client.executeHTTP({ url: `${upstream.url}/bytes?n=${n}${how}` });
          expect(body.length).toBe(n);
          expect(same(body, pattern(n))).toBe(true);
        }
      }
    },
  },
  {
    name: "several Set-Cookie survive, in order",
    async run({ client, upstream }) {
      const response = await client.executeHTTP({ url: `${upstream.url}/cookies` });
      const cookies = response.headerList.filter(([name]) => name.toLowerCase() === "set-cookie");
      const values = ["a=1; Path=/", "b=2, with a comma", "c=3"];
      expect(cookies.map(([, value]) => value)).toEqual(values);
      const fetched = await client.fetch(`${upstream.url}/cookies`);
      expect(fetched.headers.getSetCookie()).toEqual(values);
    },
  },
  {
    name: "method, query and headers reach the upstream as given, repeats too",
    async run({ client, upstream }) {
      const response = await client.executeHTTP({
        method: "PUT",
        url: `${upstream.url}/request?a=%20b&c=d`,
        headers: [["x-one", "1"], ["x-one", "2"], ["x-two", "3"]],
        body: "x",
      });
      const seen = response.json<{ method: string; target: string; headers: [string, string][] }>();
      expect([seen.method, seen.target]).toEqual(["PUT", "/request?a=%20b&c=d"]);
      const values = (name: string) =>
        seen.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value).join(
          ", ",
        );
      expect(values("x-one")).toBe("1, 2");
      expect(values("x-two")).toBe("3");
      expect(values("content-length")).toBe("1");
    },
  },
  {
    name: "the trace context and the idempotency key of a call reach the upstream",
    async run({ client, upstream }) {
      const url = `${upstream.url}/request`;
      const options = { traceparent: TRACEPARENT, idempotencyKey: "key-1" };
      const seen = (text: string): [string, string][] =>
        (JSON.parse(text) as { headers: [string, string][] }).headers
          .map(([name, value]): [string, string] => [name.toLowerCase(), value])
          .filter(([name]) => name === "traceparent" || name === "idempotency-key").sort();
      const both: [string, string][] = [["idempotency-key", "key-1"], ["traceparent", TRACEPARENT]];
      const executed = await client.executeHTTP({ method: "POST", url, ...options });
      expect(seen(executed.text())).toEqual(both);
      const streamed = await client.streamHTTP({ method: "POST", url, ...options });
      expect(seen(await streamed.text())).toEqual(both);
      const built = POST(url).traceContext(TRACEPARENT).idempotent("key-1");
      expect(seen((await client.executeHTTP(built)).text())).toEqual(both);
      const fetched = await client.fetch(url, { method: "POST", ...options });
      expect(seen(await fetched.text())).toEqual(both);

      const headers = { TraceParent: "mine", "IDEMPOTENCY-KEY": "mine" };
      const own = await client.executeHTTP({ method: "POST", url, headers, ...options });
      expect(seen(own.text())).toEqual([["idempotency-key", "mine"], ["traceparent", "mine"]]);
      const malformed = { traceparent: `${TRACEPARENT}\r\nx-evil: 1` };
      expect(seen((await client.executeHTTP({ url, ...malformed })).text())).toEqual([]);
      const smuggled = client.executeHTTP({ url, idempotencyKey: "1\r\nx-evil: 1" });
      expect(await failure(smuggled)).toMatchObject({
        code: "request.header_value",
        errorClass: ErrorClass.InvalidRequest,
      });
    },
  },
  {
    name:
      "a redirect to another origin takes the trace context along and leaves the idempotency key",
    async run({ client, upstream, second }) {
      const to = encodeURIComponent(`${second.url}/request`);
      const response = await client.executeHTTP({
        method: "POST",
        url: `${upstream.url}/redirect?status=307&to=${to}`,
        traceparent: TRACEPARENT,
        idempotencyKey: "key-2",
      });
      const { headers } = response.json<{ headers: [string, string][] }>();
      const names = headers.map(([name]) => name.toLowerCase());
      expect(names).toContain("traceparent");
      expect(names).not.toContain("idempotency-key");
    },
  },
  {
    name: "a generated call sends its key in the header of its spec, and the trace context",
    async run({ client, upstream }) {
      const stripe = new Stripe({ apiKey: "sk", baseURL: upstream.url, runtime: client });
      const call = stripe.customers.create({}, { traceparent: TRACEPARENT, idempotencyKey: "k" });
      await failure(call);
      const seen = await upstream.request("/v1/customers");
      expect([seen.header("idempotency-key"), seen.header("traceparent")]).toEqual([
        "k",
        TRACEPARENT,
      ]);
    },
  },
  {
    name: "JSON of a builder arrives with its content type",
    async run({ client, upstream }) {
      const request = POST(`${upstream.url}/echo`).json({ text: "hé" });
      expect((await client.executeHTTP(request)).json()).toEqual({ text: "hé" });
      const seen = await upstream.request("/echo");
      expect(seen.header("content-type")).toBe("application/json");
    },
  },
  {
    name: "a form arrives with the boundary that it announces",
    async run({ client, upstream }) {
      const form = new FormData();
      form.set("file", new Blob([ALL_BYTES]), "all.bin");
      const response = await client.executeHTTP({
        method: "POST",
        url: `${upstream.url}/echo`,
        body: form,
      });
      const type = (await upstream.request("/echo")).header("content-type") ?? "";
      const parsed = await new Response(response.body as BodyInit, {
        headers: { "content-type": type },
      })
        .formData();
      const file = parsed.get("file") as unknown as Blob;
      expect([...new Uint8Array(await file.arrayBuffer())]).toEqual([...ALL_BYTES]);
    },
  },
  {
    name: "every status is a response",
    async run({ client, upstream }) {
      for (const code of [201, 204, 304, 400, 404, 429, 500, 503]) {
        const { statusCode } = await client.executeHTTP({
          url: `${upstream.url}/status?code=${code}`,
          retries: 0,
        });
        expect(statusCode).toBe(code);
        expect((await client.fetch(`${upstream.url}/status?code=${code}`)).status).toBe(code);
      }
    },
  },
  {
    name: "encoded bodies arrive decoded",
    async run({ client, upstream }) {
      for (const encoding of ["gzip", "deflate", "br"]) {
        const response = await client.executeHTTP({ url: `${upstream.url}/${encoding}` });
        expect(response.body.length).toBe(10_000);
        expect(response.headers["content-encoding"]).toBe(undefined);
      }
    },
  },
  {
    name: "an answer behind redirects says where it is from",
    async run({ client, upstream }) {
      const away = `${upstream.url}/redirect?to=${encodeURIComponent("/redirects?n=2")}`;
      const last = `${upstream.url}/request`;
      const fetched = await client.fetch(away);
      expect([fetched.url, fetched.redirected]).toEqual([last, true]);
      expect((await client.executeHTTP({ url: away })).url).toBe(last);
      const fragment = `${upstream.url}/redirect?to=${encodeURIComponent("/bytes?n=70000#secret")}`;
      const stream = await client.streamHTTP({ url: fragment });
      expect(stream.url).toBe(`${upstream.url}/bytes?n=70000`);
      await stream.cancel();
      const direct = await client.fetch(`${last}#part`);
      expect([direct.url, direct.redirected]).toEqual([last, false]);
      expect((await client.executeHTTP({ url: last })).url).toBeUndefined();
    },
  },
  {
    name: "a redirect that repeats the request takes a streamed body along",
    async run({ client, upstream, second }) {
      const to = encodeURIComponent(`${second.url}/echo`);
      const url = `${upstream.url}/redirect?status=307&to=${to}`;
      const body = pattern(200_000);
      const streamed = new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < body.length; at += 50_000) {
            controller.enqueue(body.slice(at, at + 50_000));
          }
          controller.close();
        },
      });
      for (const given of [body, streamed]) {
        const answer = await client.executeHTTP({ method: "POST", url, body: given });
        expect([answer.statusCode, answer.attempts]).toEqual([200, 1]);
        expect(answer.bytes()).toEqual(body);
      }
    },
  },
  {
    name: "redirects are followed, and are the answer where that is asked for",
    async run({ client, upstream }) {
      expect((await client.executeHTTP({ url: `${upstream.url}/redirects?n=3` })).statusCode).toBe(
        200,
      );
      const manual = await client.fetch(`${upstream.url}/redirect`, { redirect: "manual" });
      expect([manual.status, manual.headers.get("location")]).toEqual([302, "/json"]);
      const error = client.fetch(`${upstream.url}/redirect`, { redirect: "error" });
      expect(await error.catch((thrown: unknown) => thrown)).toBeInstanceOf(TypeError);
    },
  },
  {
    name: "two hundred calls at a time are answered, each with its own body",
    async run({ client, upstream }) {
      const numbers = Array.from({ length: 200 }, (_, i) => i);
      const bodies = await Promise.all(numbers.map(async (i) => {
        const request = { method: "POST", url: `${upstream.url}/echo`, body: `body ${i}` };
        return (await client.executeHTTP(request)).text();
      }));
      expect(bodies).toEqual(numbers.map((i) => `body ${i}`));
    },
  },
  {
    name: "health says that it is healthy, and how many calls are in flight",
    async run({ client, upstream }) {
      const before = await client.health();
      expect(before).toMatchObject({ healthy: true });
      const hanging = new AbortController();
      const call = client.executeHTTP({ url: `${upstream.url}/hang`, signal: hanging.signal });
      await upstream.request("/hang");
      expect((await client.health()).activeRequests).toBeGreaterThanOrEqual(1);
      hanging.abort();
      expect(await call.catch((error: unknown) => error)).toBeInstanceOf(ConnectorError);
    },
  },
];

/** Much faster than comparing arrays element by element with `expect`. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
