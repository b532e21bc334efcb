/** Retried attempts, and hosts that are left alone. Counted at the upstream. */
import { expect } from "bun:test";
import { ErrorClass, type RuntimeClient } from "../../mod.ts";
import type { CallRetry } from "../../src/core/call.ts";
import { Policy } from "../codegen/golden/policy/mod.gen.ts";
import type { UpstreamServer } from "../support/upstream.ts";
import { pattern } from "../support/upstream_routes.ts";
import { type Behaviour, failure } from "./context.ts";

let targets = 0;

/** A target that was never requested before. */
function stepsOf(upstream: UpstreamServer, steps: string, after?: number): string {
  const wait = after === undefined ? "" : `&after=${after}`;
  return `${upstream.url}/steps?steps=${steps}${wait}&n=${++targets}`;
}

function count(upstream: UpstreamServer, url: string): number {
  return upstream.requests.filter(({ target }) => url.endsWith(target)).length;
}

async function statusOf(client: RuntimeClient, url: string, retries?: number): Promise<number[]> {
  const { statusCode, attempts } = await client.executeHTTP({ url, retries });
  return [statusCode, attempts];
}

export const retries: readonly Behaviour[] = [
  {
    name: "a GET that fails for a moment succeeds at the third attempt",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "503,502,200");
      const told: CallRetry[] = [];
      const onRetry = (retry: CallRetry): void => {
        told.push(retry);
        throw new Error("the listener's own fault");
      };
      const { statusCode, attempts } = await client.executeHTTP({ url, onRetry });
      expect([statusCode, attempts, count(upstream, url)]).toEqual([200, 3, 3]);
      const waitMs = expect.any(Number) as number;
      expect(told).toEqual([
        { attempts: 1, waitMs, status: 503, code: undefined },
        { attempts: 2, waitMs, status: 502, code: undefined },
      ]);
    },
  },
  {
    name: "the last answer is the answer, and nothing is repeated that would be the same again",
    async run({ client, upstream }) {
      const failing = stepsOf(upstream, "500,502,503,200");
      expect(await statusOf(client, failing)).toEqual([503, 3]);
      const wrong = stepsOf(upstream, "404,200");
      expect(await statusOf(client, wrong)).toEqual([404, 1]);
      const unable = stepsOf(upstream, "501,200");
      expect(await statusOf(client, unable)).toEqual([501, 1]);
      expect([failing, wrong, unable].map((url) => count(upstream, url))).toEqual([3, 1, 1]);
    },
  },
  {
    name: "the caller says how often a call is repeated; fetch leaves it to its caller",
    async run({ client, upstream }) {
      const none = stepsOf(upstream, "503,200");
      expect(await statusOf(client, none, 0)).toEqual([503, 1]);
      const once = stepsOf(upstream, "503,503,200");
      expect(await statusOf(client, once, 1)).toEqual([503, 2]);
      const asked = stepsOf(upstream, "503,200");
      expect((await client.fetch(asked, { retries: 1 })).status).toBe(200);
      const fetched = stepsOf(upstream, "503,200");
      expect((await client.fetch(fetched)).status).toBe(503);
      expect([none, once, fetched, asked].map((url) => count(upstream, url))).toEqual([1, 2, 1, 2]);
    },
  },
  {
    name: "a POST is repeated with an idempotency key, and not without one",
    async run({ client, upstream }) {
      const post = { method: "POST", body: "x" };
      const bare = stepsOf(upstream, "503,200");
      expect((await client.executeHTTP({ ...post, url: bare })).statusCode).toBe(503);
      const lost = stepsOf(upstream, "reset,200");
      expect(await failure(client.executeHTTP({ ...post, url: lost }))).toMatchObject({
        errorClass: ErrorClass.Transient,
        sent: "maybe",
        attempts: 1,
      });
      const fine = `${upstream.url}/json`;
      expect((await client.executeHTTP({ url: fine })).statusCode).toBe(200);
      const given = stepsOf(upstream, "reset");
      const key = { idempotencyKey: "given up" };
      const error = await failure(client.executeHTTP({ ...post, ...key, url: given }));
      expect(error).toMatchObject({ sent: "maybe", attempts: 3, queuedUs: 0 });
      expect(error.waitedUs).toBeGreaterThan(0);
      expect(error.toJSON()).toMatchObject({ attempts: 3, waitedUs: error.waitedUs, queuedUs: 0 });
      expect((await client.executeHTTP({ url: fine })).statusCode).toBe(200);
      const keyed = stepsOf(upstream, "reset,503,200");
      const reply = await client.executeHTTP({ ...post, url: keyed, idempotencyKey: "k" });
      expect([reply.statusCode, reply.attempts]).toEqual([200, 3]);
      expect([bare, lost, keyed].map((url) => count(upstream, url))).toEqual([1, 1, 3]);
      const seen = upstream.requests.filter(({ target }) => keyed.endsWith(target));
      expect(seen.map((request) => request.header("idempotency-key"))).toEqual(["k", "k", "k"]);
    },
  },
  {
    name: "a body that is streamed is sent again from its start",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "503,502,200");
      const body = pattern(200_000);
      const { statusCode, attempts } = await client.executeHTTP({ method: "PUT", url, body });
      expect([statusCode, attempts]).toEqual([200, 3]);
      const last = upstream.requests.findLast(({ target }) => url.endsWith(target));
      expect(await last?.body).toEqual(body);
      const post = stepsOf(upstream, "503,200");
      expect((await client.executeHTTP({ method: "POST", url: post, body })).attempts).toBe(1);
    },
  },
  {
    name: "an answer is repeated or not as the first of its connector's rules says that it meets",
    async run({ client, upstream }) {
      const about = (step: string) => [{ path: ["step"], oneOf: [step] }];
      const rules = [
        { status: [503], body: about("503"), retry: "never" },
        { status: [[500, 599]], retry: "default" },
        { headers: [{ name: "x-none", oneOf: ["1"] }], retry: "always" },
        { status: [200], body: about("200"), retry: "idempotent" },
        { status: [403], retry: "always" },
      ] as const;
      const tried = async (method: string, steps: string) => {
        const url = stepsOf(upstream, steps);
        const reply = await client.call({ method, url, policy: { retry: { rules } } });
        expect(count(upstream, url)).toBe(reply.attempts);
        return [reply.status, reply.attempts];
      };
      expect(await tried("GET", "503,201")).toEqual([503, 1]);
      expect(await tried("GET", "502,201")).toEqual([201, 2]);
      expect(await tried("POST", "502,201")).toEqual([502, 1]);
      expect(await tried("GET", "200,200,201")).toEqual([201, 3]);
      expect(await tried("POST", "200,201")).toEqual([200, 1]);
      expect(await tried("POST", "403,201")).toEqual([201, 2]);
      expect(await tried("GET", "404,201")).toEqual([404, 1]);
    },
  },
  {
    name: "a POST on a kept connection that drops is not sent again",
    async run({ client, upstream }) {
      expect((await client.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
      const url = stepsOf(upstream, "reset,200");
      await failure(client.executeHTTP({ method: "POST", url, body: "x" }));
      expect(count(upstream, url)).toBe(1);
    },
  },
  {
    name: "a wait that the API asks for is kept; one past the deadline gives its answer at once",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "429,200", 300);
      const { statusCode, attempts, waitedUs, queuedUs } = await client.executeHTTP({ url });
      expect([statusCode, attempts, queuedUs]).toEqual([200, 2, 0]);
      expect(waitedUs).toBeGreaterThanOrEqual(299_000);
      const long = stepsOf(upstream, "429,200", 600_000);
      const reply = await client.executeHTTP({ url: long, timeoutMs: 60_000 });
      expect([reply.statusCode, reply.attempts]).toEqual([429, 1]);
      expect(reply.headers["retry-after-ms"]).toBe("600000");
    },
  },
  {
    name: "a response that breaks off in the middle is not begun anew",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "break,200");
      const stream = await client.streamHTTP({ url });
      expect(await failure(stream.bytes())).toMatchObject({ sent: "committed" });
      expect(count(upstream, url)).toBe(1);
    },
  },
  {
    name: "an attempt that does not begin to answer in its time is repeated",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "hang,200");
      const reply = await client.call({ url, policy: { firstByteTimeoutMs: 200 } });
      expect([reply.status, reply.attempts]).toEqual([200, 2]);
    },
  },
  {
    name:
      "a request that is not answered in time is sent once more, where its caller asks for that",
    async run({ client, upstream }) {
      const url = stepsOf(upstream, "hang,200");
      const { statusCode, attempts, hedges } = await client.executeHTTP({ url, hedgeAfterMs: 20 });
      expect([statusCode, attempts, hedges, count(upstream, url)]).toEqual([200, 2, 1, 2]);
      const policy = new Policy({ baseURL: upstream.url, runtime: client });
      const query = { steps: "hang,200", n: String(++targets) };
      const answer = await policy.things.get(undefined, { query, hedgeAfterMs: 20 }).withResponse();
      expect([answer.attempts, answer.hedges]).toEqual([2, 1]);
      const wrong = await failure(client.executeHTTP({ url, hedgeAfterMs: 0 }));
      expect(wrong).toMatchObject({ code: "request.hedge", sent: "no" });
    },
  },
  {
    name: "a generated client makes as many requests as its spec says, and throws the last answer",
    async run({ client, upstream }) {
      const told: string[] = [];
      const policy = new Policy({
        baseURL: upstream.url,
        runtime: client,
        onRetry: ({ attempts, status }) => told.push(`client ${attempts} ${status}`),
      });
      const query = (steps: string) => ({ steps, n: String(++targets) });
      const seen = ({ n }: { n: string }) =>
        upstream.requests.filter(({ target }) => target.endsWith(`&n=${n}`));

      // The spec: 3 attempts, on connect, reset, 429 and 5xx; a key is made for each POST.
      const lucky = query("503,429,200");
      const onRetry = ({ attempts, status }: CallRetry) => told.push(`call ${attempts} ${status}`);
      const { attempts } = await policy.things.get(undefined, { query: lucky, onRetry })
        .withResponse();
      expect(told).toEqual(["call 1 503", "call 2 429"]);
      expect(attempts).toBe(3);
      const keyed = query("reset,503,200");
      await policy.things.create({}, { query: keyed });
      const unlucky = query("502");
      const error = await failure(policy.things.get(undefined, { query: unlucky }));
      expect(error).toMatchObject({
        code: "api.error",
        status: 502,
        attempts: 3,
        sent: "committed",
      });
      expect(told.slice(-2)).toEqual(["client 1 502", "client 2 502"]);
      expect(error.waitedUs).toBeGreaterThan(0);
      const timeout = query("408,200");
      expect(await failure(policy.things.get(undefined, { query: timeout }))).toMatchObject({
        status: 408,
      });
      const once = query("503,200");
      expect(await failure(policy.things.get(undefined, { query: once, retries: 0 })))
        .toMatchObject({
          attempts: 1,
        });

      const all = [lucky, unlucky, keyed, timeout, once].map((one) => seen(one).length);
      expect(all).toEqual([3, 3, 3, 1, 1]);
      const keys = new Set(seen(keyed).map((request) => request.header("idempotency-key")));
      expect([...keys]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    },
  },
  {
    name: "a host that fails five times in a row is left alone, by this tenant",
    async run({ client, host, upstream }) {
      const url = stepsOf(upstream, "503");
      for (let i = 0; i < 5; i++) await client.executeHTTP({ url, retries: 0 });
      const error = await failure(client.executeHTTP({ url }));
      expect(error).toMatchObject({
        code: "breaker.open",
        errorClass: ErrorClass.RateLimited,
        origin: "local",
        sent: "no",
        attempts: 0,
      });
      expect(error.retryAfterMs).toBeGreaterThan(0);
      expect(error.retryAfterMs).toBeLessThanOrEqual(5_000);
      expect(count(upstream, url)).toBe(5);
      const other = host.client({ tenantId: "someone else" });
      expect((await other.executeHTTP({ url: `${upstream.url}/json` })).statusCode).toBe(200);
    },
  },
];
