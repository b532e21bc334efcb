import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  definition,
  Gemini,
  InvalidArgumentError,
  type ModelsGenerateContentInput,
  ResourceExhaustedError,
} from "../../connectors/gemini/mod.gen.ts";
import { collect, type MockServer, rejection, serveMock } from "./support.ts";

const hello: ModelsGenerateContentInput = {
  model: "gemini-2.5-flash",
  contents: [{ role: "user", parts: [{ text: "Hello" }] }],
};

describe("gemini", () => {
  let server: MockServer;
  let client: Gemini;
  beforeAll(async () => {
    server = await serveMock(definition);
    client = new Gemini({ ...server.options, apiKey: "AIza-test" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("answers a conversation; the model is in the path, the key in a header", async () => {
    const answer = await client.models.generateContent(hello);
    expect(answer.candidates?.[0]?.content?.parts?.[0]?.text).toBe(
      "Hello! How can I help you today?",
    );
    const request = server.mock.requests().at(-1);
    expect(request?.url).toBe("/models/gemini-2.5-flash:generateContent");
    expect(request?.headers.get("x-goog-api-key")).toBe("AIza-test");
    expect(JSON.parse(server.lastBody())).toEqual({ contents: hello.contents });
  });

  test("streams pieces, with alt=sse in the address", async () => {
    const pieces = await collect(client.models.generateContentStream(hello));
    expect(pieces.map((piece) => piece.candidates?.[0]?.content?.parts?.[0]?.text)).toEqual(
      ["Hello!", " How can I help you today?"],
    );
    expect(server.mock.requests().at(-1)?.url).toBe(
      "/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    );
    const text = await client.models.generateContentStream(hello).text();
    expect(text).toBe("Hello! How can I help you today?");
  });

  test("puts a stream together, with every function call", async () => {
    const answer = await client.models.generateContentStream({
      model: "gemini-2.5-flash",
      contents: [{ role: "user", parts: [{ text: "Compare the weather in Jakarta and Oslo" }] }],
    }).finalResult();
    expect(answer.candidates?.[0]).toEqual({
      content: {
        role: "model",
        parts: [
          { text: "I'll look it up." },
          { functionCall: { name: "get_weather", args: { city: "Jakarta" } } },
          { functionCall: { name: "get_weather", args: { city: "Oslo" } } },
        ],
      },
      finishReason: "STOP",
      index: 0,
    });
    expect(answer.usageMetadata?.totalTokenCount).toBe(33);
  });

  test("refusals are typed, with the API's own code", async () => {
    const invalid = await rejection(client.models.generateContent({
      model: "gemini-2.5-flash",
      contents: [{ role: "user", parts: [{ text: "Who am I?" }] }],
    }));
    expect(invalid).toBeInstanceOf(InvalidArgumentError);
    expect((invalid as InvalidArgumentError).apiCode).toBe("INVALID_ARGUMENT");
    const limited = await rejection(client.models.countTokens(hello, {
      retries: 0,
      headers: { "x-simulator-fault": "status=429" },
    }));
    expect(limited).toBeInstanceOf(ResourceExhaustedError);
  });

  test("embeds one text and several", async () => {
    const one = await client.models.embedContent({
      model: "gemini-embedding-001",
      content: { parts: [{ text: "Hello" }] },
      outputDimensionality: 3,
    });
    expect(one.embedding.values).toEqual([0.013, -0.008, 0.021]);
    const two = await client.models.batchEmbedContents({
      model: "gemini-embedding-001",
      requests: [
        { model: "models/gemini-embedding-001", content: { parts: [{ text: "Hello" }] } },
        { model: "models/gemini-embedding-001", content: { parts: [{ text: "World" }] } },
      ],
    });
    expect(two.embeddings.length).toBe(2);
  });

  test("lists models over several pages", async () => {
    const models = await collect(client.models.list());
    expect(models.map((model) => model.name)).toEqual(
      ["models/gemini-2.5-flash", "models/gemini-embedding-001"],
    );
    expect(server.mock.requests().at(-1)?.url).toBe("/models?pageToken=Ch9tb2RlbHMvZ2VtaW5p");
  });

  test("a model name cannot leave its place in the path", async () => {
    await client.models.get({ model: "../secret?x=1" }).catch(() => {});
    expect(server.mock.requests().at(-1)?.url).toBe("/models/..%2Fsecret%3Fx%3D1");
    expect(await rejection(client.models.get({ model: ".." }))).toMatchObject({
      code: "request.path",
    });
  });
});
