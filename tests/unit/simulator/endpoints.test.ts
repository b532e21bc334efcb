import { describe, expect, test } from "bun:test";
import { createSimulator, parseAnswer } from "../../../src/simulator/mod.ts";
import { at, BASE, events, get, hello, post } from "./support.ts";

describe("models, embeddings and the rest", () => {
  test("lists models, describes one and refuses others", async () => {
    const simulator = createSimulator({ models: ["house-model"] });
    const list = await (await get(simulator, "/v1/models")).json() as {
      object: string;
      data: { id: string }[];
    };
    expect(list.object).toBe("list");
    expect(list.data.map((model) => model.id)).toContain("house-model");
    expect(at(await (await get(simulator, "/v1/models/house-model")).json(), "object")).toBe(
      "model",
    );
    const unknown = await get(simulator, "/v1/models/nope");
    expect(unknown.status).toBe(404);
    expect(at(await unknown.json(), "error.code")).toBe("model_not_found");
  });

  test("strict models refuse what is not listed", async () => {
    expect(
      (await post(createSimulator(), "/v1/chat/completions", hello({ model: "gpt-99" }))).status,
    ).toBe(200);
    const strict = createSimulator({ strictModels: true });
    expect((await post(strict, "/v1/chat/completions", hello({ model: "gpt-99" }))).status).toBe(
      404,
    );
  });

  test("embeds each text as a unit vector of its own, the same every time", async () => {
    const embed = async (input: unknown) => {
      const response = await post(createSimulator(), "/v1/embeddings", {
        model: "text-embedding-3-small",
        input,
      });
      return (await response.json() as { data: { embedding: number[] }[] }).data.map((item) =>
        item.embedding
      );
    };
    const [first = [], second = []] = await embed(["one", "two"]);
    expect(first.length).toBe(1536);
    expect(first).not.toEqual(second);
    expect((await embed("one"))[0]).toEqual(first);
    expect(Math.hypot(...first)).toBeCloseTo(1, 5);
  });

  test("embeds as base64 with the asked-for dimensions", async () => {
    const body = { model: "text-embedding-3-small", input: "one", dimensions: 4 };
    const plain = await (await post(createSimulator(), "/v1/embeddings", body)).json();
    const coded = await (await post(createSimulator(), "/v1/embeddings", {
      ...body,
      encoding_format: "base64",
    })).json();
    const bytes = Uint8Array.from(
      atob(String(at(coded, "data.0.embedding"))),
      (letter) => letter.charCodeAt(0),
    );
    expect([...new Float32Array(bytes.buffer)]).toEqual(at(plain, "data.0.embedding") as number[]);
  });

  test("refuses embeddings without input, of nothing and of objects", async () => {
    for (const input of [undefined, "", [], [{}]]) {
      const response = await post(createSimulator(), "/v1/embeddings", {
        model: "text-embedding-3-small",
        input,
      });
      expect(response.status).toBe(400);
    }
  });

  test("health says what happened; unknown paths and methods are refused", async () => {
    const simulator = createSimulator();
    await (await post(simulator, "/v1/chat/completions", hello({ stream: true }))).text();
    expect(await (await get(simulator, "/health")).json()).toMatchObject({
      status: "ok",
      requests: 1,
      completed: 1,
      active: 0,
    });
    const unknown = await get(simulator, "/v1/nothing");
    expect(unknown.status).toBe(404);
    expect(at(await unknown.json(), "error.message")).toContain("/v1/nothing");
    expect((await get(simulator, "/v1/chat/completions")).status).toBe(405);
    expect((await simulator.fetch(new Request(`${BASE}/v1/models`, { method: "HEAD" }))).status)
      .toBe(200);
  });

  test("a fallback answers unknown paths and no others", async () => {
    const simulator = createSimulator({
      fallback: ({ url }) => Promise.resolve(new Response(new URL(url).pathname)),
    });
    expect(await (await get(simulator, "/v1/files")).text()).toBe("/v1/files");
    expect((await get(simulator, "/v1/models")).headers.get("content-type")).toBe(
      "application/json",
    );
    expect((await get(simulator, "/v1/embeddings")).status).toBe(405);
  });

  test("options that make no sense are refused", () => {
    expect(() => createSimulator({ chunkSize: 0 })).toThrow(/chunkSize is 0/);
    expect(() => createSimulator({ chunkDelayMs: -1 })).toThrow(/chunkDelayMs is -1/);
    expect(() => createSimulator({ maxBodyBytes: NaN })).toThrow(/maxBodyBytes is NaN/);
    expect(() => createSimulator({ answers: [] })).toThrow(/answers is empty/);
  });
});

describe("answers from Markdown", () => {
  const ask = async (answers: ReturnType<typeof parseAnswer>[], content: string) => {
    const response = await post(
      createSimulator({ answers }),
      "/v1/chat/completions",
      hello({ messages: [{ role: "user", content }] }),
    );
    return at(await response.json(), "choices.0.message.content");
  };

  test("front matter names the phrases, else the file's name does", async () => {
    const answers = [
      parseAnswer("answers/greet.md", "---\nmatch: Salut | Bonjour\n---\n\n# Hi\n\nThere.\n"),
      parseAnswer("unix-sockets.md", "About sockets."),
      parseAnswer("default.md", "Else: {{prompt}}"),
    ];
    expect(await ask(answers, "well, bonjour!")).toBe("# Hi\n\nThere.");
    expect(await ask(answers, "What are Unix sockets?")).toBe("About sockets.");
    expect(await ask(answers, "default")).toBe("Else: default");
  });

  test("without a default one is chosen by the prompt, always the same", async () => {
    const answers = [parseAnswer("aaa.md", "A"), parseAnswer("bbb.md", "B")];
    const first = await ask(answers, "something");
    expect(["A", "B"]).toContain(String(first));
    expect(await ask(answers, "something")).toBe(first);
  });

  test("an empty file is refused by name", () => {
    expect(() => parseAnswer("x/empty.md", "---\nmatch: a\n---\n")).toThrow(/x\/empty\.md/);
  });
});

describe("Anthropic messages", () => {
  const VERSION = { "anthropic-version": "2023-06-01" };
  const body = {
    model: "claude-3-5-haiku-latest",
    max_tokens: 100,
    messages: [{ role: "user", content: "2+2" }],
  };

  test("answers whole", async () => {
    const message = await (await post(createSimulator(), "/v1/messages", body, VERSION)).json();
    expect(message).toMatchObject({
      type: "message",
      content: [{ type: "text", text: "2 + 2 = 4." }],
      stop_reason: "end_turn",
      usage: { input_tokens: 1, output_tokens: 3 },
    });
  });

  test("streams its named events in order", async () => {
    const response = await post(
      createSimulator(),
      "/v1/messages",
      { ...body, stream: true },
      VERSION,
    );
    const parsed = (await events(response)).map((data): unknown => JSON.parse(data));
    const types = parsed.map((event) => at(event, "type"));
    expect(types.slice(0, 3)).toEqual(["message_start", "content_block_start", "ping"]);
    expect(types.slice(-3)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(parsed.map((event) => at(event, "delta.text") ?? "").join("")).toBe("2 + 2 = 4.");
  });

  test("refuses in its own shape", async () => {
    const { max_tokens: _, ...short } = body;
    const response = await post(createSimulator(), "/v1/messages", short, VERSION);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: "max_tokens: Field required" },
    });
    expect((await post(createSimulator(), "/v1/messages", body)).status).toBe(400);
    const key = { ...VERSION, "x-api-key": "sk-invalid" };
    expect(
      at(await (await post(createSimulator(), "/v1/messages", body, key)).json(), "error.type"),
    ).toBe("authentication_error");
  });
});

describe("responses", () => {
  const body = { model: "gpt-4o-mini", input: "2+2" };

  test("answers whole, from text and from messages", async () => {
    const response = await (await post(createSimulator(), "/v1/responses", body)).json();
    expect(response).toMatchObject({
      object: "response",
      status: "completed",
      output: [{ type: "message", content: [{ type: "output_text", text: "2 + 2 = 4." }] }],
      usage: { input_tokens: 1, output_tokens: 3, total_tokens: 4 },
    });
    const input = [{ role: "user", content: [{ type: "input_text", text: "2+2" }] }];
    const listed = await (await post(createSimulator(), "/v1/responses", { ...body, input }))
      .json();
    expect(at(listed, "output.0.content.0.text")).toBe("2 + 2 = 4.");
  });

  test("streams numbered events that join to the whole", async () => {
    const response = await post(createSimulator(), "/v1/responses", { ...body, stream: true });
    const parsed = (await events(response)).map((data): unknown => JSON.parse(data));
    expect(parsed.map((event) => at(event, "sequence_number"))).toEqual(parsed.map((_, n) => n));
    expect(parsed.map((event) => at(event, "delta") ?? "").join("")).toBe("2 + 2 = 4.");
    expect(at(parsed.at(-1), "type")).toBe("response.completed");
    expect(at(parsed.at(-1), "response.output.0.content.0.text")).toBe("2 + 2 = 4.");
  });

  test("refuses what has no input", async () => {
    const response = await post(createSimulator(), "/v1/responses", { model: "gpt-4o-mini" });
    expect(response.status).toBe(400);
    expect(at(await response.json(), "error.param")).toBe("input");
  });
});
