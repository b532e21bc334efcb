import { describe, expect, test } from "bun:test";
import { builtInAnswers, createSimulator } from "../../../src/simulator/mod.ts";
import { at, events, hello, post } from "./support.ts";

const HELLO = builtInAnswers.find((answer) => answer.name === "hello")?.text ?? "";
const PATH = "/v1/chat/completions";

async function json(response: Response | Promise<Response>): Promise<unknown> {
  return await (await response).json();
}

async function contents(response: Response): Promise<string> {
  const parsed = (await events(response)).filter((data) => data !== "[DONE]").map((data): unknown =>
    JSON.parse(data)
  );
  return parsed.map((chunk) => at(chunk, "choices.0.delta.content") ?? "").join("");
}

describe("a whole chat completion", () => {
  test("answers by the words of the last user message, with usage", async () => {
    const response = await post(createSimulator(), PATH, hello());
    expect(response.status).toBe(200);
    const body: unknown = await response.json();
    expect(at(body, "object")).toBe("chat.completion");
    expect(at(body, "choices.0.message.content")).toBe(HELLO);
    expect(at(body, "choices.0.finish_reason")).toBe("stop");
    expect(at(body, "usage")).toEqual({
      prompt_tokens: 2,
      completion_tokens: Math.ceil(HELLO.length / 4),
      total_tokens: 2 + Math.ceil(HELLO.length / 4),
    });
  });

  test("is the same bytes for the same request", async () => {
    const text = async () => await (await post(createSimulator(), PATH, hello())).text();
    expect(await text()).toBe(await text());
  });

  test("puts the prompt into the default answer literally", async () => {
    const body = await json(
      post(
        createSimulator(),
        PATH,
        hello({ messages: [{ role: "user", content: "why $& {{x}}?" }] }),
      ),
    );
    expect(at(body, "choices.0.message.content")).toContain('"why $& {{x}}?"');
  });

  test("honours max_tokens, stop and n", async () => {
    const cut = await json(post(createSimulator(), PATH, hello({ max_tokens: 2 })));
    expect(at(cut, "choices.0.message.content")).toBe(HELLO.slice(0, 8));
    expect(at(cut, "choices.0.finish_reason")).toBe("length");
    const stopped = await json(post(createSimulator(), PATH, hello({ stop: ["!"] })));
    expect(at(stopped, "choices.0.message.content")).toBe("Hello");
    const three = await json(post(createSimulator(), PATH, hello({ n: 3 })));
    expect(at(three, "choices.2.index")).toBe(2);
    expect(at(three, "choices.3")).toBe(undefined);
  });

  test("calls a tool that must be called, with arguments that fit its schema", async () => {
    const parameters = {
      type: "object",
      properties: {
        city: { type: "string" },
        unit: { enum: ["C", "F"] },
        days: { type: "integer", minimum: 2 },
      },
      required: ["city", "unit", "days"],
    };
    const tools = [{ type: "function", function: { name: "get_weather", parameters } }];
    const body = await json(
      post(createSimulator(), PATH, hello({ tools, tool_choice: "required" })),
    );
    expect(at(body, "choices.0.finish_reason")).toBe("tool_calls");
    expect(at(body, "choices.0.message.tool_calls.0.function.name")).toBe("get_weather");
    expect(JSON.parse(String(at(body, "choices.0.message.tool_calls.0.function.arguments"))))
      .toEqual({
        city: "Hello",
        unit: "C",
        days: 2,
      });
    const free = await json(post(createSimulator(), PATH, hello({ tools })));
    expect(at(free, "choices.0.message.content")).toBe(HELLO);
  });

  test("answers with JSON where a format is asked for", async () => {
    const schema = {
      type: "object",
      properties: { reply: { type: "string" } },
      required: ["reply"],
    };
    const response_format = { type: "json_schema", json_schema: { name: "r", schema } };
    const body = await json(post(createSimulator(), PATH, hello({ response_format })));
    expect(JSON.parse(String(at(body, "choices.0.message.content")))).toEqual({ reply: HELLO });
  });
});

describe("a streamed chat completion", () => {
  test("sends role, words, finish reason and [DONE], and joins to the whole answer", async () => {
    const response = await post(createSimulator(), PATH, hello({ stream: true }));
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const data = await events(response.clone());
    expect(data.at(-1)).toBe("[DONE]");
    expect(at(JSON.parse(data[0] ?? ""), "choices.0.delta.role")).toBe("assistant");
    expect(at(JSON.parse(data.at(-2) ?? ""), "choices.0.finish_reason")).toBe("stop");
    expect(data.length).toBe(HELLO.split(" ").length + 3);
    expect(await contents(response)).toBe(HELLO);
  });

  test("sends usage only when asked, in one more chunk without choices", async () => {
    const plain = await events(await post(createSimulator(), PATH, hello({ stream: true })));
    expect(plain.some((data) => data.includes("usage"))).toBe(false);
    const stream_options = { include_usage: true };
    const counted = await events(
      await post(createSimulator(), PATH, hello({ stream: true, stream_options })),
    );
    expect(at(JSON.parse(counted[0] ?? ""), "usage")).toBe(null);
    const last: unknown = JSON.parse(counted.at(-2) ?? "");
    expect(at(last, "choices")).toEqual([]);
    expect(at(last, "usage.total_tokens")).toBe(2 + Math.ceil(HELLO.length / 4));
  });

  test("cuts by characters without breaking one", async () => {
    const simulator = createSimulator({ chunkSize: 1 });
    const messages = [{ role: "user", content: "unicode" }];
    const response = await post(simulator, PATH, hello({ stream: true, messages }));
    const whole = builtInAnswers.find((answer) => answer.name === "unicode")?.text ?? "";
    expect(await contents(response)).toBe(whole);
  });

  test("streams the arguments of a tool call", async () => {
    const tools = [{
      type: "function",
      function: { name: "f", parameters: { type: "object", properties: { a: {} } } },
    }];
    const response = await post(
      createSimulator({ chunkSize: 3 }),
      PATH,
      hello({ stream: true, tools, tool_choice: "required" }),
    );
    const chunks = (await events(response)).slice(0, -1).map((data): unknown => JSON.parse(data));
    const text = chunks.map((chunk) =>
      at(chunk, "choices.0.delta.tool_calls.0.function.arguments") ?? ""
    ).join("");
    expect(JSON.parse(text)).toEqual({ a: "Hello" });
  });
});

describe("refusals", () => {
  const cases: [string, unknown, number, string | null, string | null][] = [
    ["no model", { messages: [] }, 400, "missing_required_parameter", "model"],
    ["a model that is not text", { model: 5 }, 400, "invalid_type", "model"],
    ["no messages", { model: "gpt-4o" }, 400, "missing_required_parameter", "messages"],
    ["messages as text", { model: "gpt-4o", messages: "hi" }, 400, "invalid_type", "messages"],
    ["no message", { model: "gpt-4o", messages: [] }, 400, "invalid_value", "messages"],
    [
      "a wrong role",
      hello({ messages: [{ role: "me", content: "x" }] }),
      400,
      "invalid_value",
      "messages[0].role",
    ],
    [
      "no content",
      hello({ messages: [{ role: "user" }] }),
      400,
      "missing_required_parameter",
      "messages[0].content",
    ],
    ["a hot temperature", hello({ temperature: 3 }), 400, "invalid_value", "temperature"],
    ["stream as text", hello({ stream: "yes" }), 400, "invalid_type", "stream"],
    [
      "stream options without a stream",
      hello({ stream_options: {} }),
      400,
      "invalid_value",
      "stream_options",
    ],
    ["an unknown model", hello({ model: "does-not-exist" }), 404, "model_not_found", "model"],
    ["broken JSON", "{", 400, null, null],
    ["an array", [], 400, null, null],
  ];
  for (const [name, body, status, code, param] of cases) {
    test(`${name} is ${status} in OpenAI's shape`, async () => {
      const response = await post(createSimulator(), PATH, body);
      expect(response.status).toBe(status);
      const error = at(await response.json(), "error");
      expect(error).toMatchObject({ type: "invalid_request_error", code, param });
      expect(typeof at(error, "message")).toBe("string");
    });
  }

  test("a body over the limit is 413", async () => {
    const response = await post(
      createSimulator({ maxBodyBytes: 100 }),
      PATH,
      hello({ user: "x".repeat(200) }),
    );
    expect(response.status).toBe(413);
  });

  test("only the configured key is let in, and it is never repeated", async () => {
    const simulator = createSimulator({ apiKey: "sk-right" });
    expect((await post(simulator, PATH, hello(), { authorization: "Bearer sk-right" })).status)
      .toBe(200);
    expect((await post(simulator, PATH, hello())).status).toBe(401);
    const wrong = await post(simulator, PATH, hello(), { authorization: "Bearer sk-wrong" });
    expect(wrong.status).toBe(401);
    expect(await wrong.text()).not.toMatch(/sk-(right|wrong)/);
    const any = await post(createSimulator(), PATH, hello(), {
      authorization: "Bearer sk-invalid",
    });
    expect(at(await any.json(), "error.code")).toBe("invalid_api_key");
  });
});

describe("/test_completion", () => {
  test("streams whatever it is given", async () => {
    const simulator = createSimulator();
    expect(await contents(await post(simulator, "/test_completion", ""))).toBe(HELLO);
    expect(await contents(await post(simulator, "/test_completion", "2+2"))).toBe("2 + 2 = 4.");
    expect(await contents(await post(simulator, "/test_completion", { prompt: "2+2" }))).toBe(
      "2 + 2 = 4.",
    );
    const whole = await post(simulator, "/test_completion", hello({ stream: false }));
    expect(at(await whole.json(), "choices.0.message.content")).toBe(HELLO);
  });
});
