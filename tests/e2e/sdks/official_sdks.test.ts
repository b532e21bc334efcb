/** The official clients on `client.fetch`: unchanged programs, whatever the address of the runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Validator } from "@cfworker/json-schema";
import Anthropic, {
  APIUserAbortError as AnthropicAbortError,
  AuthenticationError as AnthropicAuthenticationError,
  RateLimitError as AnthropicRateLimitError,
} from "@anthropic-ai/sdk";
import OpenAI, {
  APIConnectionError,
  APIUserAbortError,
  AuthenticationError,
  NotFoundError,
  RateLimitError,
} from "openai";
import { definition } from "../../../connectors/openai/mod.gen.ts";
import type { RuntimeClient } from "../../../mod.ts";
import type { JsonSchema } from "../../../src/connector/mod.ts";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createSimulator, type Simulator } from "../../../src/simulator/mod.ts";
import { type Host, HOSTS, startHost } from "../../conformance/hosts.ts";
import { until } from "../../support/upstream.ts";

const MODEL = "gpt-4o-mini";
const CLAUDE = "claude-3-5-haiku-latest";
const ask = [{ role: "user" as const, content: "Hello" }];
const fault = (text: string) => ({ headers: { "x-simulator-fault": text } });

let simulator: Simulator;
let server: Awaited<ReturnType<typeof serveHttp>>;
/** The bodies of the newest exchange, as they went over the network. */
let sent: unknown;
let answered: unknown;

beforeAll(async () => {
  simulator = createSimulator();
  server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    async fetch(request) {
      const text = await request.clone().text();
      sent = text === "" ? undefined : JSON.parse(text);
      const response = await simulator.fetch(request);
      answered = response.headers.get("content-type")?.startsWith("application/json")
        ? await response.clone().json()
        : undefined;
      return response;
    },
  });
});
afterAll(() => server.stop(0));

async function thrown(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    (value) => {
      throw new Error(`Expected a rejection, but got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

/** What the exchange just made, held against the schemas of our connector. */
function expectOurs(operationId: string): void {
  const operation = definition.operations.find(({ id }) => id === operationId);
  if (operation?.result.kind !== "json") throw new Error(`No result schema of ${operationId}`);
  const check = (schema: JsonSchema, value: unknown): void => {
    if (typeof schema === "boolean") throw new Error(`No schema of ${operationId}`);
    const { errors } = new Validator(
      { ...schema, $defs: { ...definition.types } },
      "2020-12",
      false,
    )
      .validate(value);
    expect(errors.map(({ instanceLocation, error }) => `${instanceLocation}: ${error}`)).toEqual(
      [],
    );
  };
  if (sent !== undefined) check(operation.input, sent);
  check(operation.result.schema, answered);
}

for (const name of HOSTS) {
  describe(`on ${name}:`, () => {
    let host: Host;
    let client: RuntimeClient;
    let openai: OpenAI;
    let anthropic: Anthropic;
    beforeAll(async () => {
      host = await startHost(name, [new URL(server.url).host]);
      client = host.client();
      const fetch = client.fetch;
      const common = { apiKey: "sk-test", fetch, maxRetries: 0 };
      openai = new OpenAI({ ...common, baseURL: `${server.url}/v1` });
      anthropic = new Anthropic({ ...common, baseURL: server.url });
    });
    afterAll(() => host.stop());

    test("openai: the four main operations, in shapes that our connector knows too", async () => {
      const completion = await openai.chat.completions.create({ model: MODEL, messages: ask });
      expect(completion.choices[0]?.message.content).toMatch(/\w/);
      expectOurs("chat.completions.create");

      const tool = {
        type: "function" as const,
        function: { name: "get_weather", parameters: { type: "object", properties: {} } },
      };
      const called = await openai.chat.completions.create({
        model: MODEL,
        messages: ask,
        tools: [tool],
        tool_choice: "required",
      });
      expect(called.choices[0]?.message.tool_calls?.[0]?.type).toBe("function");
      expectOurs("chat.completions.create");

      // Without a format, this client asks for base64 and decodes it.
      const vectors = await openai.embeddings.create({
        model: "text-embedding-3-small",
        input: ["a", "b"],
        dimensions: 8,
      });
      expect(vectors.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
      expect(vectors.data[0]?.embedding.every((number) => Math.abs(number) <= 1)).toBe(true);
      expectOurs("embeddings.create");

      const response = await openai.responses.create({ model: MODEL, input: "Hello" });
      expect(response.output_text).toBe(completion.choices[0]?.message.content ?? "");
      expectOurs("responses.create");

      const ids: string[] = [];
      for await (const model of openai.models.list()) ids.push(model.id);
      expect(ids).toContain(MODEL);
      expectOurs("models.list");
      expect((await openai.models.retrieve(MODEL)).id).toBe(MODEL);
      expectOurs("models.retrieve");
    });

    test("openai: streams", async () => {
      const whole = await openai.chat.completions.create({ model: MODEL, messages: ask });
      const stream = await openai.chat.completions.create({
        model: MODEL,
        messages: ask,
        stream: true,
        stream_options: { include_usage: true },
      });
      let text = "";
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? "";
        usage = chunk.usage ?? usage;
      }
      expect(text).toBe(whole.choices[0]?.message.content ?? "");
      expect(usage).toEqual(whole.usage);

      const runner = openai.chat.completions.stream({ model: MODEL, messages: ask });
      expect((await runner.finalMessage()).content).toBe(text);

      const types: string[] = [];
      const events = await openai.responses.create({ model: MODEL, input: "Hello", stream: true });
      for await (const event of events) types.push(event.type);
      expect(types[0]).toBe("response.created");
      expect(types.at(-1)).toBe("response.completed");
    });

    test("openai: errors keep their status, headers and code", async () => {
      const chat = (options: object) =>
        thrown(openai.chat.completions.create({ model: MODEL, messages: ask }, options));
      const unauthorized = await chat({ headers: { authorization: "Bearer sk-invalid" } });
      expect(unauthorized).toBeInstanceOf(AuthenticationError);
      expect(unauthorized).toMatchObject({ status: 401, code: "invalid_api_key" });
      expect((unauthorized as AuthenticationError).requestID).toMatch(/^req_sim_/);

      const limited = await chat(fault("status=429;retry-after=7"));
      expect(limited).toBeInstanceOf(RateLimitError);
      expect((limited as RateLimitError).headers?.get("retry-after")).toBe("7");

      expect(await thrown(openai.models.retrieve("nonsense"))).toBeInstanceOf(NotFoundError);

      // A stream that is refused rejects before it is a stream.
      const refused = await thrown(openai.chat.completions.create(
        { model: MODEL, messages: ask, stream: true },
        fault("status=429;retry-after=1"),
      ));
      expect(refused).toBeInstanceOf(RateLimitError);
    });

    test("openai: its own retries wait as the API asks", async () => {
      const key = `openai-${name}`;
      const before = simulator.stats().requests;
      const completion = await openai.chat.completions.create({ model: MODEL, messages: ask }, {
        maxRetries: 2,
        headers: { "x-simulator-fault": "status=429;retry-after=0 | none", "x-simulator-key": key },
      });
      expect(completion.choices.length).toBe(1);
      expect(simulator.stats().requests - before).toBe(2);
    });

    test("openai: a connection that breaks is an error, before the answer and inside it", async () => {
      const unreachable = new OpenAI({
        apiKey: "sk-test",
        baseURL: "http://127.0.0.1:1/v1",
        fetch: client.fetch,
        maxRetries: 0,
      });
      const denied = await thrown(unreachable.models.list());
      expect(denied).toBeInstanceOf(APIConnectionError);
      const cut = await openai.chat.completions.create(
        { model: MODEL, messages: ask, stream: true },
        fault("kind=reset;after=2"),
      );
      const seen: unknown[] = [];
      const error = await thrown((async () => {
        for await (const chunk of cut) seen.push(chunk);
      })());
      expect(error).toBeInstanceOf(Error);
      expect(seen.length).toBeLessThanOrEqual(2);
    });

    test("openai: aborting and leaving a stream end it at the API", async () => {
      await leftAt(async () => {
        const stream = await openai.chat.completions.create(
          { model: MODEL, messages: ask, stream: true },
          fault("chunk-delay=50"),
        );
        for await (const _ of stream) break;
      });
      await leftAt(async () => {
        const controller = new AbortController();
        const stream = await openai.chat.completions.create(
          { model: MODEL, messages: ask, stream: true },
          { ...fault("chunk-delay=50"), signal: controller.signal },
        );
        let count = 0;
        // This client ends an aborted stream without an error.
        for await (const _ of stream) if (++count === 1) controller.abort();
        expect(count).toBe(1);
      });
      const controller = new AbortController();
      const call = openai.chat.completions.create({ model: MODEL, messages: ask }, {
        ...fault("delay=60000"),
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), 50);
      expect(await thrown(call)).toBeInstanceOf(APIUserAbortError);
    });

    test("anthropic: messages, whole and streamed", async () => {
      const request = { model: CLAUDE, max_tokens: 100, messages: ask };
      const message = await anthropic.messages.create(request);
      const [block] = message.content;
      const text = block?.type === "text" ? block.text : "";
      expect(text).toMatch(/\w/);
      expect(message.usage.output_tokens).toBeGreaterThan(0);

      let streamed = "";
      const types = new Set<string>();
      for await (const event of await anthropic.messages.create({ ...request, stream: true })) {
        types.add(event.type);
        if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
          streamed += event.delta.text;
        }
      }
      expect(streamed).toBe(text);
      expect([...types]).toContain("message_stop");
      const final = await anthropic.messages.stream(request).finalMessage();
      expect(final.content[0]).toMatchObject({ type: "text", text });
    });

    test("anthropic: errors, inside a stream too, and aborting", async () => {
      const request = { model: CLAUDE, max_tokens: 100, messages: ask };
      const unauthorized = await thrown(
        anthropic.withOptions({ apiKey: "sk-invalid" }).messages.create(request),
      );
      expect(unauthorized).toBeInstanceOf(AnthropicAuthenticationError);
      expect((unauthorized as AnthropicAuthenticationError).requestID).toMatch(/^req_sim_/);
      const limited = await thrown(
        anthropic.messages.create(request, fault("status=429;retry-after=7")),
      );
      expect(limited).toBeInstanceOf(AnthropicRateLimitError);
      expect((limited as AnthropicRateLimitError).headers?.get("retry-after")).toBe("7");

      const failing = await anthropic.messages.create(
        { ...request, stream: true },
        fault("kind=error-event;after=3"),
      );
      const error = await thrown((async () => {
        for await (const _ of failing);
      })());
      expect(error).toBeInstanceOf(Anthropic.APIError);

      await leftAt(async () => {
        const stream = await anthropic.messages.create(
          { ...request, stream: true },
          fault("chunk-delay=50"),
        );
        for await (const _ of stream) break;
      });
      const controller = new AbortController();
      const call = anthropic.messages.create(request, {
        ...fault("delay=60000"),
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), 50);
      expect(await thrown(call)).toBeInstanceOf(AnthropicAbortError);
    });
  });
}

/** Fails unless the API noticed that one of its readers left. */
async function leftAt(work: () => Promise<void>): Promise<void> {
  const before = simulator.stats().cancelled;
  await work();
  await until(() => simulator.stats().cancelled > before, "the API to notice that its reader left");
}
