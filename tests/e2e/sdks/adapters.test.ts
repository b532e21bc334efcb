/** The adapters over the official packages, against the simulator. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ConnectorError,
  NotFoundError,
  type Platform,
  RuntimeClient,
  TooManyRequestsError,
  UnauthorizedError,
} from "../../../mod.ts";
import { AnthropicAdapter } from "../../../src/adapters/anthropic.ts";
import { type Adapter, OpenAIAdapter } from "../../../src/adapters/openai.ts";
import { defaultPlatform } from "../../../src/client/default_platform.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createSimulator } from "../../../src/simulator/mod.ts";
import { until } from "../../support/upstream.ts";

/** The answer to the next request, and the last request. */
let fault = "none";
let asked: Record<string, unknown> = {};
let requests = 0;
const simulator = createSimulator();
let server: Awaited<ReturnType<typeof serveHttp>>;
let client: RuntimeClient;
beforeAll(async () => {
  server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    async fetch(request) {
      requests++;
      asked = await request.clone().json() as Record<string, unknown>;
      const headers = new Headers(request.headers);
      headers.set("x-simulator-fault", fault);
      return await simulator.fetch(new Request(request, { headers }));
    },
  });
  client = new RuntimeClient({ egress: { allow: [new URL(server.url).host] } });
});
afterAll(async () => {
  await client.close();
  await server.stop(0);
});

const KINDS = [
  ["openai", OpenAIAdapter, "OPENAI_API_KEY", "gpt-4o-mini", () => `${server.url}/v1`],
  ["anthropic", AnthropicAdapter, "ANTHROPIC_API_KEY", "claude-3-5-haiku-latest", () => server.url],
] as const;

for (const [name, Class, variable, model, baseURL] of KINDS) {
  describe(`the adapter of ${name}`, () => {
    const make = (apiKey = "sk-test"): Adapter =>
      new Class({ client, apiKey, baseURL: baseURL(), model });
    const failure = async (work: Promise<unknown>, given = "none") => {
      fault = given;
      try {
        await work;
      } catch (error) {
        expect(error).toBeInstanceOf(ConnectorError);
        return error as ConnectorError;
      } finally {
        fault = "none";
      }
      throw new Error("It did not fail.");
    };

    test("gives the whole answer and its pieces, each for one request", async () => {
      const before = requests;
      const options = { maxTokens: 50, temperature: 0.5, system: "Be brief." };
      const whole = await make().complete("capital of France", options);
      expect(whole).toContain("Paris");
      expect(requests - before).toBe(1);
      expect(asked).toMatchObject({ model, temperature: 0.5 });
      expect(asked["max_tokens"] ?? asked["max_completion_tokens"]).toBe(50);
      expect(JSON.stringify(asked)).toContain("Be brief.");

      const pieces: string[] = [];
      for await (const piece of make().stream("capital of France")) pieces.push(piece);
      expect([pieces.join(""), pieces.length > 1, requests - before]).toEqual([whole, true, 2]);
    });

    test("gives errors by their status, and repeats nothing", async () => {
      const before = requests;
      const limited = await failure(make().complete("hi"), "status=429;retry-after=7");
      expect(limited).toBeInstanceOf(TooManyRequestsError);
      expect([limited.retryAfterMs, requests - before]).toEqual([7000, 1]);
      const wrong = await failure(make("sk-invalid").complete("hi"));
      expect(wrong).toBeInstanceOf(UnauthorizedError);
      expect(JSON.stringify(wrong)).not.toContain("sk-invalid");
      const first = (adapter: Adapter, model?: string) =>
        (async () => {
          for await (const _ of adapter.stream("hi", { model }));
        })();
      expect(await failure(first(make(), "no-such-model"))).toBeInstanceOf(NotFoundError);
      expect((await failure(first(make()), "kind=reset;after=1")).sent).not.toBe("no");
      const denied = new Class({ client, apiKey: "k", baseURL: "http://169.254.169.254", model });
      expect((await failure(denied.complete("hi"))).code).toBe("egress.denied");
    });

    test("ends with its signal, before and inside an answer", async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const stalled = (async () => {
        for await (const _ of make().stream("hi", { signal })) controller.abort();
      })();
      expect((await failure(stalled, "kind=stall;after=4")).code).toBe("call.cancelled");
      expect((await failure(make().complete("hi", { signal }))).code).toBe("call.cancelled");
      await until(() => simulator.stats().active === 0, "no call is left");
    });

    test("takes its key from the environment, and says when there is none", async () => {
      const env = (value: string | undefined): Platform => ({
        ...defaultPlatform,
        env: (name) => name === variable ? value : undefined,
      });
      expect(() => new Class({ platform: env(undefined) })).toThrow(`set ${variable}`);
      await using own = new Class({
        platform: env("sk-env"),
        baseURL: baseURL(),
        egress: { allow: [new URL(server.url).host] },
      });
      expect((await failure(own.complete("hi"))).code).toBe("config.missing");
      expect(await own.complete("capital of France", { model })).toContain("Paris");
      // A client that was passed in stays open.
      await make().close();
      expect(await make().complete("hi")).toMatch(/\w/);
    });
  });
}
