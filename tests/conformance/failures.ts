/** Calls without an answer, and refused destinations. */
import { expect } from "bun:test";
import { ErrorClass } from "../../mod.ts";
import { type Behaviour, failure, within } from "./context.ts";

export const failures: readonly Behaviour[] = [
  {
    name: "a refused connection is Transient and was not sent",
    async run({ client, closedUrl }) {
      expect(await failure(client.executeHTTP({ method: "POST", url: `${closedUrl}/` })))
        .toMatchObject({
          errorClass: ErrorClass.Transient,
          code: "connect.refused",
          origin: "upstream",
          sent: "no",
        });
    },
  },
  {
    name: "a connection that breaks before an answer is Transient and may have been sent",
    async run({ client, upstream }) {
      for (const path of ["/reset", "/close"]) {
        const call = client.executeHTTP({
          method: "POST",
          url: `${upstream.url}${path}`,
          body: "x",
        });
        expect(await failure(call)).toMatchObject({
          errorClass: ErrorClass.Transient,
          sent: "maybe",
        });
      }
    },
  },
  {
    name:
      "an answer that is not valid is Transient for a call that may be repeated, else Permanent",
    async run({ client, upstream }) {
      const calls = [
        { method: "get" },
        { method: "PUT", body: "x" },
        { method: "POST", body: "x", idempotencyKey: "k" },
        { method: "POST", body: "x" },
        { method: "PATCH", body: "x" },
      ];
      const answers = [
        ["/bad-http", "upstream.bad_http"],
        ["/truncate", "upstream.truncated"],
        ["/gzip-bad", "upstream.bad_encoding"],
      ] as const;
      for (const [path, code] of answers) {
        const errors = await Promise.all(
          calls.map((call) => {
            const own = { tenantId: path, retries: 0 };
            return failure(client.executeHTTP({ ...call, ...own, url: upstream.url + path }));
          }),
        );
        expect(errors.map((error) => [error.code, error.isRetryable(), error.sent])).toEqual(
          [true, true, true, false, false].map((retryable) => [code, retryable, "maybe"]),
        );
      }
    },
  },
  {
    name: "the deadline ends a call that hangs, and one whose body hangs",
    async run({ client, upstream }) {
      const head = client.executeHTTP({ url: `${upstream.url}/hang`, timeoutMs: 150 });
      const body = client.executeHTTP({ url: `${upstream.url}/hang-mid`, timeoutMs: 150 });
      for (const error of await within(Promise.all([head, body].map(failure)), "the deadline")) {
        expect(error).toMatchObject({
          errorClass: ErrorClass.Timeout,
          code: "deadline.exceeded",
          // The runtime's own, not the client's, which comes a second later and says that the runtime is silent.
          message: expect.stringContaining("the call's deadline of 150 ms passed"),
        });
      }
    },
  },
  {
    name: "every failure says which call it was, and how often it was tried",
    async run({ client, closedUrl }) {
      const error = await failure(client.executeHTTP({ url: `${closedUrl}/` }));
      expect(error.requestId).toMatch(/.+/);
      expect(error.attempts).toBe(3);
      const once = await failure(client.executeHTTP({ url: `${closedUrl}/`, retries: 0 }));
      expect(once.attempts).toBe(1);
    },
  },
  {
    name: "an invalid request is InvalidRequest and is not sent",
    async run({ client, upstream }) {
      const seen = upstream.requests.length;
      const bad = [
        { url: "not a url" },
        { url: "ftp://127.0.0.1/" },
        { url: `${upstream.url}/json`, method: "GET /x HTTP/1.1\r\nHost: evil" },
        { url: `${upstream.url}/json`, headers: { "x-a": "1\r\nx-b: 2" } },
        { url: `${upstream.url}/json`, headers: { "x a": "1" } },
      ];
      for (const request of bad) {
        expect(await failure(client.executeHTTP(request))).toMatchObject({
          errorClass: ErrorClass.InvalidRequest,
          sent: "no",
        });
      }
      expect(upstream.requests.length).toBe(seen);
    },
  },
  {
    name: "metadata, private and loopback addresses are refused unless allowed",
    async run({ client, forbidden }) {
      const urls = [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "http://10.0.0.1/",
        `${forbidden.url}/json`,
        `http://localhost:${forbidden.port}/json`,
        `http://[::1]:${forbidden.port}/json`,
      ];
      for (const url of urls) {
        expect(await failure(client.executeHTTP({ url, timeoutMs: 3000 }))).toMatchObject({
          errorClass: ErrorClass.Permanent,
          code: "egress.denied",
          origin: "local",
          sent: "no",
        });
      }
      expect(forbidden.connections).toBe(0);
    },
  },
  {
    name: "a redirect to such an address is refused too",
    async run({ client, upstream, forbidden }) {
      for (const to of ["http://169.254.169.254/", `${forbidden.url}/json`]) {
        const url = `${upstream.url}/redirect?to=${encodeURIComponent(to)}`;
        expect(await failure(client.executeHTTP({ url }))).toMatchObject({
          errorClass: ErrorClass.Permanent,
          code: "egress.denied",
        });
      }
      expect(forbidden.connections).toBe(0);
    },
  },
  {
    name: "closing a client ends its calls and not those of others",
    async run({ host, client, upstream }) {
      const other = host.client();
      const call = other.executeHTTP({ url: `${upstream.url}/hang` });
      const stream = await other.streamHTTP({ url: `${upstream.url}/hang-mid` });
      const mine = client.executeHTTP({ url: `${upstream.url}/slow?ms=50` });
      await other.close();
      expect(await within(failure(call), "the closed call")).toMatchObject({
        code: "client.closed",
      });
      expect(await within(failure(stream.bytes()), "the closed body")).toMatchObject({
        code: "client.closed",
      });
      expect((await mine).statusCode).toBe(200);
    },
  },
];
