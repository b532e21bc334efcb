import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  BadRequestError,
  definition,
  OpenAI,
  QuotaExceededError,
  ResponseStreamError,
} from "../../connectors/openai/mod.gen.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

describe("openai", () => {
  let server: MockServer;
  let client: OpenAI;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new OpenAI({ ...server.options, apiKey: "sk-test" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("answers a chat, whole and streamed", async () => {
    const messages = [{ role: "user" as const, content: "Hello" }];
    const whole = await client.chat.completions.create({ model: "gpt-4o-mini", messages });
    expect(whole.choices[0]?.message.content).toBe("Hello! How can I help you today?");
    expect(server.lastHeader("idempotency-key")).toMatch(/^[0-9a-f-]{36}$/);
    const stream = await client.chat.completions.create({
      model: "gpt-4o-mini",
      messages,
      stream: true,
    });
    const final = await stream.finalResult();
    expect(final.object).toBe("chat.completion");
    expect(final.choices[0]?.message.content).toBe("Hello!");
    expect(final.choices[0]?.finish_reason).toBe("stop");
  });

  test("makes a response; its stream ends with response.completed, and only output text is text", async () => {
    const whole = await client.responses.create({ model: "gpt-4o-mini", input: "Hello" });
    expect(whole.status).toBe("completed");
    const ask = { model: "gpt-4o-mini", input: "Hello", stream: true } as const;
    const events = await collect(client.responses.create(ask));
    expect(events.at(-1)?.type).toBe("response.completed");
    expect(await client.responses.create(ask).text()).toBe("Hello! How can I help you today?");
    expect((await client.responses.create(ask).finalResult()).id).toBe(whole.id);
  });

  test("every part of a streamed completion that comes in pieces is whole in the end", async () => {
    type Texts = Record<string, string>;
    const chunk = (delta: Record<string, string | Texts>, ...tokens: string[]) => ({
      choices: [{ index: 0, delta, logprobs: { content: tokens.map((token) => ({ token })) } }],
    });
    await using pieces = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) =>
        operation.id !== "chat.completions.create" ? operation : {
          ...operation,
          examples: [{
            name: "pieces",
            input: {},
            status: 200,
            headers: [],
            events: [
              chunk({ reasoning_content: "th", reasoning: "h" }, "a", "b"),
              chunk({ reasoning_content: "ink", reasoning: "m" }),
              chunk({ audio: { id: "x", data: "AAAA", transcript: "Hel" } }, "c"),
              chunk({ audio: { data: "BBBB", transcript: "lo" } }),
              chunk({ function_call: { name: "f", arguments: "{" } }),
              chunk({ function_call: { arguments: "}" } }),
            ],
          }],
        }
      ),
    });
    const other = new OpenAI({ ...pieces.options, apiKey: "sk-test" });
    const final = await other.chat.completions
      .create({ model: "m", messages: [{ role: "user", content: "Hello" }], stream: true })
      .finalResult();
    expect(final.choices[0] as unknown).toEqual({
      index: 0,
      message: {
        reasoning_content: "think",
        reasoning: "hm",
        audio: { id: "x", data: "AAAABBBB", transcript: "Hello" },
        function_call: { name: "f", arguments: "{}" },
      },
      logprobs: { content: [{ token: "a" }, { token: "b" }, { token: "c" }] },
    });
  });

  test("text leaves out what is not output text; an error event is thrown", async () => {
    const part = { item_id: "i", output_index: 0, content_index: 0 };
    await using broken = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) =>
        operation.id !== "responses.create" ? operation : {
          ...operation,
          examples: [{
            name: "broken",
            input: {},
            status: 200,
            headers: [],
            events: [
              { type: "response.function_call_arguments.delta", ...part, delta: "{}" },
              { type: "response.output_text.delta", ...part, delta: "Hi" },
              { type: "error", code: "server_error", message: "It broke.", param: null },
            ],
          }],
        }
      ),
    });
    const client = new OpenAI({ ...broken.options, apiKey: "sk-test" });
    const stream = await client.responses.create({ model: "m", input: "x", stream: true });
    const pieces: string[] = [];
    const error = await rejection((async () => {
      for await (const piece of stream.textStream) pieces.push(piece);
    })());
    expect(pieces).toEqual(["Hi"]);
    expect(error).toBeInstanceOf(ResponseStreamError);
    expect((error as ResponseStreamError).apiMessage).toBe("It broke.");
  });

  test("uploads, lists, reads and deletes files", async () => {
    const file = await client.files.create({
      file: new File(['{"prompt":"Hello"}\n'], "mydata.jsonl", { type: "application/jsonl" }),
      purpose: "fine-tune",
    });
    expect(file.id).toBe("file-abc123");
    expect(server.lastHeader("content-type")).toMatch(/^multipart\/form-data; boundary=/);
    expect(server.lastBody()).toContain('name="file"; filename="mydata.jsonl"');
    expect(server.lastBody()).toContain('{"prompt":"Hello"}\n');
    expect(server.lastBody()).toContain('name="purpose"\r\n\r\nfine-tune');
    const files = await collect(client.files.list({ limit: 1 }));
    expect(files.map((one) => one.id)).toEqual(["file-abc123", "file-abc456"]);
    expect((await client.files.delete({ file_id: file.id })).deleted).toBe(true);
  });

  test("edits images with several files", async () => {
    await client.images.edit({
      image: [{ data: new Uint8Array([0, 255]), name: "a.png", type: "image/png" }],
      prompt: "Add a hat",
      model: "gpt-image-1",
    });
    expect(server.lastBody()).toContain('name="image[]"; filename="a.png"');
    const image = await client.images.generate({ prompt: "A cute baby sea otter" });
    expect(image.data?.[0]?.b64_json).toBe("iVBORw0KGgo=");
  });

  test("moderates and embeds", async () => {
    const verdict = await client.moderations.create({ input: "I want to kill them." });
    expect(verdict.results[0]?.categories["violence"]).toBe(true);
    const vectors = await client.embeddings.create({
      model: "text-embedding-3-small",
      input: "Hello",
    });
    expect(vectors.data[0]?.embedding).toEqual([0.1, -0.2, 0.3]);
  });

  test("refusals are typed by the code in their body", async () => {
    await using broke = await serveMock({
      ...definition,
      operations: definition.operations.map((operation) => ({
        ...operation,
        examples: [{
          name: "no credit",
          input: {},
          status: operation.id === "models.list" ? 429 : 400,
          headers: [],
          output: { error: { message: "No.", code: "insufficient_quota" } },
        }],
      })),
    });
    const client = new OpenAI({ ...broke.options, apiKey: "sk-test" });
    const quota = await rejection(client.models.list());
    expect(quota).toBeInstanceOf(QuotaExceededError);
    expect((quota as QuotaExceededError).isRetryable()).toBe(false);
    expect(await rejection(client.models.retrieve({ model: "m" }))).toBeInstanceOf(BadRequestError);
  });
});
