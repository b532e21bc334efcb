/** The official clients on `client.fetch`: plain calls, uploads, refusals that say when, aborts. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Anthropic from "@anthropic-ai/sdk";
import { Octokit } from "@octokit/core";
import OpenAI from "openai";
import { Stripe } from "stripe";
import { type Host, type HostName, startHost } from "../../conformance/hosts.ts";

interface Got {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** When it came, in milliseconds. */
  readonly at: number;
}

let api: Server;
let port = 0;
const got: Got[] = [];
/** Ends answers of which the first piece was sent. */
const later: (() => void)[] = [];
/** Answers left to refuse with 429, and what those say of when to come back. */
let refusals = 0;
let comeBack: Record<string, string> = { "retry-after": "0" };

beforeAll(async () => {
  api = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1").on("data", (piece: string) => body += piece).on("end", () => {
      const { method, url, headers } = request;
      got.push({ method, url, headers, body, at: performance.now() });
      if (url?.includes("hang")) return;
      if (url?.includes("pieces")) {
        response.writeHead(200, { "content-type": "application/octet-stream" });
        response.write("one,");
        later.push(() => response.end("two"));
        return;
      }
      const refused = refusals > 0;
      if (refused) refusals--;
      response.writeHead(refused ? 429 : 200, {
        "content-type": "application/json",
        // Without the second one Stripe's client repeats no 429.
        ...(refused && { ...comeBack, "stripe-should-retry": "true" }),
      });
      response.end(JSON.stringify(
        refused
          ? { message: "slow down", error: { type: "rate_limit", message: "slow down" } }
          : { id: "x_1", object: "customer", login: "octocat", name: "note.txt" },
      ));
    });
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  port = (api.address() as AddressInfo).port;
});
afterAll(() => {
  api.closeAllConnections();
  api.close();
});

async function thrown(work: Promise<unknown>): Promise<Error & { status?: number }> {
  return await work.then(
    () => Promise.reject(new Error("resolved")),
    (error: Error & { status?: number }) => error,
  );
}

for (const name of ["embedded", "unix"] satisfies HostName[]) {
  describe(`on ${name}:`, () => {
    let host: Host;
    let octokit: Octokit;
    let stripe: Stripe;
    let openai: OpenAI;
    let anthropic: Anthropic;
    beforeAll(async () => {
      host = await startHost(name, [`127.0.0.1:${port}`]);
      // An API that refuses is not asked again for a while: this test does its own asking.
      const { fetch } = host.client({ ...(name === "embedded" && { engine: { learn: false } }) });
      octokit = new Octokit({
        auth: "token-1",
        baseUrl: `http://127.0.0.1:${port}`,
        request: { fetch },
      });
      stripe = new Stripe("sk_test_1", {
        host: "127.0.0.1",
        port,
        protocol: "http",
        httpClient: Stripe.createFetchHttpClient(fetch as typeof globalThis.fetch),
        maxNetworkRetries: 0,
        telemetry: false,
      });
      const common = { apiKey: "sk-1", fetch, maxRetries: 1 };
      openai = new OpenAI({ ...common, baseURL: `http://127.0.0.1:${port}/v1` });
      anthropic = new Anthropic({ ...common, baseURL: `http://127.0.0.1:${port}` });
    });
    afterAll(() => host.stop());

    test("@octokit/core: a call, an upload, a refusal, an abort", async () => {
      const user = await octokit.request("GET /users/{username}", { username: "octocat" });
      expect([user.status, user.data.login]).toEqual([200, "octocat"]);
      expect(got.at(-1)?.headers.authorization).toBe("token token-1");
      await octokit.request("POST /repos/{owner}/{repo}/releases/{release_id}/assets{?name}", {
        ...{ owner: "a", repo: "b", release_id: 1, name: "note.txt" },
        headers: { "content-type": "application/octet-stream" },
        data: "\0\x01binary",
      });
      expect(got.at(-1)?.body).toBe("\0\x01binary");
      refusals = 1;
      expect((await thrown(octokit.request("GET /rate"))).status).toBe(429);
      const leave = new AbortController();
      const pending = thrown(
        octokit.request("GET /hang", { request: { signal: leave.signal } }),
      );
      leave.abort();
      expect((await pending).name).toBe("AbortError");
    });

    test("both: an answer as it comes", async () => {
      const read = async (body: ReadableStream<Uint8Array>) => {
        const pieces: string[] = [];
        for await (const piece of body) {
          pieces.push(new TextDecoder().decode(piece));
          later.pop()?.();
        }
        return pieces;
      };
      const { data } = await octokit.request("GET /pieces", {
        request: { parseSuccessResponseBody: false },
      });
      expect(await read(data)).toEqual(["one,", "two"]);
      const raw = await stripe.rawRequest("GET", "/v1/pieces", {}, { streaming: true } as object);
      expect(await read(raw as unknown as ReadableStream<Uint8Array>)).toEqual(["one,", "two"]);
    });

    test("stripe: a call, an upload, a refusal and its retry", async () => {
      const customer = await stripe.customers.create(
        { email: "a@b.example", metadata: { k: "v" } },
        { idempotencyKey: "key-1" },
      );
      expect(customer.id).toBe("x_1");
      const sent = got.at(-1);
      expect(sent?.body).toBe("email=a%40b.example&metadata[k]=v");
      expect(sent?.headers["idempotency-key"]).toBe("key-1");
      await stripe.files.create({
        purpose: "dispute_evidence",
        file: { data: new TextEncoder().encode("evidence"), name: "note.txt", type: "text/plain" },
      });
      expect(got.at(-1)?.headers["content-type"]).toContain("multipart/form-data");
      expect(got.at(-1)?.body).toContain("evidence");
      refusals = 1;
      const refused = await thrown(stripe.customers.retrieve("x_1"));
      expect(refused).toBeInstanceOf(Stripe.errors.StripeError);
      refusals = 1;
      const again = await stripe.customers.retrieve("x_1", {}, { maxNetworkRetries: 1 });
      expect(again.id).toBe("x_1");
    });

    test("openai and anthropic: an upload", async () => {
      const file = new File([new TextEncoder().encode("\0evidence\xff")], "note.txt");
      const uploads = [
        () => openai.files.create({ file, purpose: "batch" }),
        () => anthropic.beta.files.upload({ file }),
      ];
      for (const upload of uploads) {
        expect((await upload()).id).toBe("x_1");
        const { headers, body } = got.at(-1) as Got;
        expect(headers["content-type"]).toContain("multipart/form-data");
        expect(body).toContain('filename="note.txt"');
        expect(body).toContain("\0evidence\xc3\xbf");
      }
    });

    test("openai and anthropic come back when the API says, and not before", async () => {
      // Octokit's client repeats nothing, and Stripe's does not read what the API says.
      const calls: readonly (readonly [Record<string, string>, number, () => Promise<unknown>])[] =
        [
          [{ "retry-after-ms": "300" }, 300, () => openai.models.retrieve("m")],
          [{ "retry-after": "1" }, 1_000, () => openai.models.retrieve("m")],
          [{ "retry-after-ms": "300" }, 300, () => anthropic.models.retrieve("m")],
        ];
      for (const [says, ms, call] of calls) {
        comeBack = says;
        refusals = 1;
        await call();
        const [first, second] = got.slice(-2);
        expect(second?.url).toBe(first?.url);
        // Timers may be a moment early.
        expect((second as Got).at - (first as Got).at).toBeGreaterThan(ms - 20);
      }
      comeBack = { "retry-after": "0" };
    });
  });
}
