import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  Anthropic,
  definition,
  type MessageRequest,
  NotFoundError,
  OverloadedError,
  RateLimitError,
} from "../../connectors/anthropic/mod.gen.ts";
import { ConnectorError, ErrorClass } from "../../src/core/errors.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

const hello = {
  model: "claude-sonnet-4-5",
  max_tokens: 256,
  messages: [{ role: "user", content: "Hello" }],
} satisfies MessageRequest;

describe("anthropic", () => {
  let server: MockServer;
  let client: Anthropic;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new Anthropic({ ...server.options, apiKey: "sk-ant-test" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("answers a conversation, with key and version in the headers", async () => {
    const message = await client.messages.create(hello);
    const [block] = message.content;
    expect(block?.type === "text" ? block.text : undefined).toBe(
      "Hello! How can I help you today?",
    );
    expect(message.usage.output_tokens).toBe(12);
    expect(server.lastHeader("x-api-key")).toBe("sk-ant-test");
    expect(server.lastHeader("anthropic-version")).toBe("2023-06-01");
    expect(server.lastHeader("anthropic-beta")).toBe(null);
    expect(JSON.parse(server.lastBody())).toEqual(hello);
  });

  test("streams typed events up to message_stop", async () => {
    const stream = await client.messages.create({ ...hello, stream: true });
    const types: string[] = [];
    let text = "";
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === "content_block_delta" && event.delta.type === "text_delta") {
        text += event.delta.text;
      }
    }
    expect(types[0]).toBe("message_start");
    expect(types.at(-1)).toBe("message_stop");
    expect(types).toContain("ping");
    expect(text).toBe("Hello! How can I help you today?");
  });

  test("puts a streamed message together, tool input included", async () => {
    const stream = await client.messages.create({
      ...hello,
      stream: true,
      messages: [{ role: "user", content: "What is the weather in Jakarta?" }],
      tools: [{
        name: "get_weather",
        description: "Current weather of a city.",
        input_schema: {
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
        },
      }],
    });
    const message = await stream.finalResult();
    expect(message.stop_reason).toBe("tool_use");
    expect(message.usage).toEqual({ input_tokens: 377, output_tokens: 89 });
    expect(message.content).toEqual([
      { type: "text", text: "I'll look it up." },
      {
        type: "tool_use",
        id: "toolu_01T1x1fJ34qAmk2tNTrN7Up6",
        name: "get_weather",
        input: { city: "Jakarta" },
      },
    ]);
  });

  test("gives the text alone", async () => {
    const stream = await client.messages.create({ ...hello, stream: true });
    expect(await stream.text()).toBe("Hello! How can I help you today?");
  });

  test("a stream that is cut before message_stop is an error", async () => {
    const stream = await client.messages.create({ ...hello, stream: true }, {
      headers: { "x-simulator-fault": "kind=no-done" },
    });
    const error = await rejection(collect(stream));
    expect(error).toBeInstanceOf(ConnectorError);
    expect((error as ConnectorError).isRetryable()).toBe(false);
  });

  test("an error inside the stream is thrown as its class", async () => {
    await using broken = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) =>
        operation.id !== "messages.create" ? operation : {
          ...operation,
          examples: [{
            name: "overloaded",
            input: {},
            status: 200,
            headers: [],
            events: [
              { type: "ping" },
              { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
            ],
          }],
        }
      ),
    });
    const stream = await new Anthropic({ ...broken.options, apiKey: "k" }).messages.create({
      ...hello,
      stream: true,
    });
    const error = await rejection(collect(stream));
    expect(error).toBeInstanceOf(OverloadedError);
    expect((error as OverloadedError).apiMessage).toBe("Overloaded");
    expect((error as OverloadedError).isRetryable()).toBe(true);
  });

  test("refusals are typed, with the wait and the API's request id", async () => {
    const error = await rejection(
      client.messages.create(
        { ...hello, messages: [{ role: "user", content: "Too much, too fast" }] },
        { retries: 0 },
      ),
    );
    expect(error).toBeInstanceOf(RateLimitError);
    const limit = error as RateLimitError;
    expect(limit.errorClass).toBe(ErrorClass.RateLimited);
    expect(limit.status).toBe(429);
    expect(limit.retryAfterMs).toBe(20_000);
    expect(limit.requestId).toBe("req_011CSHoEeqs5C35K2UUqR7Fy");
    expect(limit.body.error.type).toBe("rate_limit_error");
    expect(await rejection(client.models.retrieve({ model_id: "claude-0" }))).toBeInstanceOf(
      NotFoundError,
    );
  });

  test("counts tokens", async () => {
    const count = await client.messages.countTokens({
      model: "claude-sonnet-4-5",
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(count.input_tokens).toBe(8);
  });

  test("lists models over several pages", async () => {
    const before = server.mock.requests().length;
    const models = await collect(client.models.list());
    expect(models.map((model) => model.id)).toEqual(
      ["claude-opus-4-1", "claude-sonnet-4-5", "claude-haiku-4-5"],
    );
    expect(server.mock.requests().slice(before).map((request) => request.url)).toEqual(
      ["/v1/models", "/v1/models?after_id=claude-sonnet-4-5"],
    );
    const first = await client.models.list({ limit: 2 });
    expect(first.hasNextPage()).toBe(true);
    expect((await first.nextPage()).hasNextPage()).toBe(false);
  });

  test("check() asks for one model", async () => {
    await client.check();
    expect(server.mock.requests().at(-1)?.url).toBe("/v1/models?limit=1");
  });
});
