import { afterEach, expect, test } from "bun:test";
import { definition as bodies } from "../../codegen/golden/imported_bodies/definition.gen.ts";
import { deferred } from "../../../src/core/deferred.ts";
import { ownOf } from "../../support/share.ts";
import { BOTH, ERAS, json, type Scene, SECRET, startScene, structured } from "./support.ts";

const MODELS = {
  object: "list",
  data: ["a", "b", "c"].map((id) => ({ id, object: "model", created: 1, owned_by: "me" })),
};
const CHAT = { model: "m", messages: [{ role: "user", content: "hi" }] };
const ANSWER = {
  id: "c1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{
    index: 0,
    message: { role: "assistant", content: "Hello", refusal: null },
    logprobs: null,
    finish_reason: "stop",
  }],
};
const ID = "9b2f5e1c-call-0001";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

// The same code on every runtime.
for (const era of ownOf(ERAS)) {
  test(`the official client lists and calls a tool for each operation (${era})`, async () => {
    scene = await startScene(() => json(MODELS), { mode: "direct" });
    const client = await scene.connect(era);
    expect(client.getNegotiatedProtocolVersion()).toBe(era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("openai_chat_completions_create");
    expect(tools.at(-1)?.name).toBe("read");
    const list = tools.find(({ name }) => name === "openai_models_list");
    expect(list?.annotations).toEqual({
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    });
    // The client checks what it gets against the output schema.
    const result = await client.callTool({ name: "openai_models_list", arguments: {} });
    expect(structured(result)).toEqual({ result: MODELS });
    expect(result.content).toEqual([{ type: "text", text: JSON.stringify({ result: MODELS }) }]);
    expect(scene.calls).toEqual([{ method: "GET", path: "/models", body: "", type: "" }]);
  });

  test(`search, describe and call find and make a call among any number (${era})`, async () => {
    scene = await startScene(() => json({ id: 1, number: 7 }, { status: 201 }), {
      connectors: BOTH,
    });
    const client = await scene.connect(era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["search", "describe", "call", "read"]);
    const found = await client.callTool({
      name: "search",
      arguments: { query: "open a new issue", connector: "github" },
    });
    const { operations } = structured(found) as { operations: { operation: string }[] };
    expect(operations.map(({ operation }) => operation)).toContain("github.issues.create");
    const described = await client.callTool({
      name: "describe",
      arguments: { operation: "github.issues.create" },
    });
    expect(structured(described)).toMatchObject({
      operation: "github.issues.create",
      effect: "writes",
      input: { type: "object", required: ["owner", "repo", "title"] },
      output: expect.objectContaining({}),
    });
    const called = await client.callTool({
      name: "call",
      arguments: {
        operation: "github.issues.create",
        input: { owner: "o", repo: "r", title: "t" },
        select: ["number"],
      },
    });
    expect(structured(called)).toEqual({ part: { number: 7 } });
    expect(scene.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /repos/o/r/issues",
    ]);
  });

  test(`what a stream brings is reported as it comes, its sum is the result (${era})`, async () => {
    const given = ["Hel", `lo ${SECRET.slice(0, 9)}`, `${SECRET.slice(9)} and`, " more"];
    const pieces = given.map((content) => ({
      id: "c1",
      object: "chat.completion.chunk",
      created: 1,
      model: "m",
      choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }],
    }));
    const events = [...pieces.map((piece) => JSON.stringify(piece)), "[DONE]"];
    scene = await startScene(
      () =>
        new Response(events.map((data) => `data: ${data}\n\n`).join(""), {
          headers: { "content-type": "text/event-stream" },
        }),
      { mode: "direct" },
    );
    const client = await scene.connect(era);
    let text = "";
    const result = await client.callTool(
      { name: "openai_chat_completions_create", arguments: { ...CHAT, stream: true } },
      { onprogress: ({ message = "" }) => void (text += message) },
    );
    // A secret that the API repeats is not shown, not even half of it.
    expect(text).toBe("Hello [redacted] and more");
    expect(structured(result)).toMatchObject({
      result: { choices: [{ message: { content: text } }] },
    });
  });
}

test("the form of a body is chosen by its media type, in both modes", async () => {
  const connectors = [bodies];
  const patch = "application/json-patch+json";
  scene = await startScene(() => new Response(null, { status: 204 }), {
    connectors,
    mode: "search",
  });
  const client = await scene.connect("2025-11-25");
  const described = await client.callTool({
    name: "describe",
    arguments: { operation: "bodies.changeThing", contentType: patch },
  });
  expect(structured(described)).toMatchObject({
    contentTypes: ["application/merge-patch+json", patch],
    input: { properties: { body: { type: "array" } } },
  });
  const call = (input: object, contentType?: string) =>
    client.callTool({
      name: "call",
      arguments: { operation: "bodies.changeThing", input, contentType },
    });
  const steps = { id: "1", body: [{ op: "remove" }] };
  expect((await call(steps, patch)).isError).toBeFalsy();
  expect((await call(steps)).isError).toBe(true);
  const unknown = JSON.stringify(await call(steps, "text/csv"));
  expect(unknown).toContain("application/merge-patch+json or application/json-patch+json");
  expect(scene.calls.map(({ type, body }) => [type, body])).toEqual([
    [patch, '[{"op":"remove"}]'],
  ]);
  await scene.close();

  scene = await startScene(() => new Response(null, { status: 204 }), {
    connectors,
    mode: "direct",
  });
  const direct = await scene.connect("2025-11-25");
  const { tools } = await direct.listTools();
  const tool = tools.find(({ name }) => name === "bodies_changeThing");
  expect(tool?.inputSchema).toMatchObject({
    required: ["id", "body"],
    properties: {
      body: { anyOf: [expect.anything(), { type: "array" }] },
      _contentType: { enum: ["application/merge-patch+json", patch] },
    },
  });
  await direct.callTool({
    name: "bodies_changeThing",
    arguments: { ...steps, _contentType: patch },
  });
  expect(scene.calls.map(({ type }) => type)).toEqual([patch]);
});

test("selectors are checked before the call, and what they choose keeps its place", async () => {
  scene = await startScene(() => json(MODELS), { mode: "direct" });
  const client = await scene.connect("2026-07-28");
  const call = (select: string[]) =>
    client.callTool({ name: "openai_models_list", arguments: { _select: select } });
  const wrong = await call(["data[].nmae"]);
  expect(wrong.isError).toBe(true);
  expect(structured(wrong)).toMatchObject({ error: { code: "select.unknown", sent: "no" } });
  expect(scene.calls).toEqual([]);
  expect(structured(await call(["object", "data[1:].id"]))).toEqual({
    part: { object: "list", data: [{ id: "b" }, { id: "c" }] },
  });
});

test("an answer that is too long is cut, and read on without another call", async () => {
  const data = Array.from({ length: 200 }, (_, at) => ({ ...MODELS.data[0], id: `model-${at}` }));
  scene = await startScene(() => json({ object: "list", data }), {
    mode: "direct",
    maxAnswerChars: 1_000,
  });
  const client = await scene.connect("2026-07-28");
  const first = structured(await client.callTool({ name: "openai_models_list", arguments: {} }));
  const { part, cut, handle } = first as {
    part: { data: unknown[] };
    cut: { path: string; shown: number; of: number }[];
    handle: string;
  };
  expect(JSON.stringify(part).length).toBeLessThanOrEqual(1_000);
  expect(cut).toEqual([{ path: "data", shown: part.data.length, of: 200 }]);
  const read = (select: string, from = handle) =>
    client.callTool({ name: "read", arguments: { handle: from, select: [select] } });
  const next = structured(await read("data[198:].id"));
  expect(next).toEqual({ part: { data: [{ id: "model-198" }, { id: "model-199" }] } });
  const more = structured(await read(`data[${part.data.length}:]`));
  expect(more["handle"]).toBe(handle);
  expect((more["part"] as typeof part).data[0]).toEqual(data[part.data.length]);
  expect(scene.calls.length).toBe(1);
  expect(structured(await read("data", "answer-of-somebody-else"))).toMatchObject({
    error: { code: "answer.unknown" },
  });
});

test("a failure says its class, whether the API may have acted, and when to come back", async () => {
  scene = await startScene(
    (_, count) =>
      count === 1
        ? json({ error: { message: "No such model", code: "model_not_found" } }, { status: 404 })
        : json({ error: { message: "Slow down" } }, {
          status: 429,
          headers: { "retry-after": "3600" },
        }),
    { mode: "direct" },
  );
  const client = await scene.connect("2025-11-25");
  const call = () => client.callTool({ name: "openai_models_retrieve", arguments: { model: "x" } });
  const missing = await call();
  expect(missing.isError).toBe(true);
  expect(structured(missing)).toMatchObject({
    error: {
      class: "Permanent",
      sent: "committed",
      retryable: false,
      upstreamStatus: 404,
      apiCode: "model_not_found",
      detail: "No such model",
      advice: "The same call will fail again.",
    },
  });
  const limited = await call();
  expect(structured(limited)).toMatchObject({
    error: { class: "RateLimited", retryable: true, retryAfterMs: expect.any(Number) },
  });
  expect(JSON.stringify(limited.content)).toContain("may succeed after");
  const invalid = await client.callTool({
    name: "openai_chat_completions_create",
    arguments: { model: 3 },
  });
  expect(structured(invalid)).toMatchObject({
    error: { code: "input.invalid", errors: [{ path: "$.messages" }, { path: "$.model" }] },
  });
});

test("a call with an id is carried out once, however often it is repeated", async () => {
  scene = await startScene(() => json(ANSWER), { mode: "direct" });
  const client = await scene.connect("2026-07-28");
  const call = (_callId: string, model = "m") =>
    client.callTool({
      name: "openai_chat_completions_create",
      arguments: { ...CHAT, model, _callId },
    });
  const [one, two] = await Promise.all([call(ID), call(ID)]);
  const three = await call(ID);
  expect(structured(one)).toEqual({ result: ANSWER });
  expect([two.structuredContent, three.structuredContent]).toEqual([
    one.structuredContent,
    one.structuredContent,
  ]);
  expect(scene.calls.length).toBe(1);
  expect(structured(await call(ID, "other"))).toMatchObject({
    error: { code: "idempotency.mismatch" },
  });
  expect(structured(await call("1"))).toMatchObject({ error: { code: "input.call_id" } });
  await call(`${ID}-next`);
  expect(scene.calls.length).toBe(2);
});

test("a call whose answer was lost is not made again under its id", async () => {
  scene = await startScene(() => {
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        controller.error(new Error("gone"));
      },
    });
    return new Response(broken, { headers: { "content-type": "application/json" } });
  }, { mode: "direct" });
  const client = await scene.connect("2026-07-28");
  const call = () =>
    client.callTool({
      name: "openai_chat_completions_create",
      arguments: { ...CHAT, _callId: ID },
    });
  const lost = structured(await call());
  expect(lost).toMatchObject({
    error: {
      sent: expect.stringMatching(/maybe|committed/),
      callId: ID,
      advice: expect.stringContaining("may have acted"),
    },
  });
  const made = scene.calls.length;
  expect(structured(await call())).toEqual(lost);
  expect(scene.calls.length).toBe(made);
});

test("a client that gives up ends the call", async () => {
  const begun = deferred<void>();
  const ended = deferred<void>();
  scene = await startScene((request) => {
    request.signal.addEventListener("abort", () => ended.resolve());
    begun.resolve();
    return new Promise(() => {});
  }, { mode: "direct" });
  const client = await scene.connect("2026-07-28");
  const enough = new AbortController();
  const call = client.callTool({ name: "openai_models_list", arguments: {} }, {
    signal: enough.signal,
  });
  const refused = call.catch((error: unknown) => error);
  await begun.promise;
  enough.abort();
  expect(await refused).toBeInstanceOf(Error);
  await ended.promise;
});

test("what a tenant may not call is refused by the engine, not by the list of tools", async () => {
  scene = await startScene(() => json(MODELS), {
    mode: "direct",
    tenantId: "reader",
    tenants: {
      reader: { operations: { deny: ["openai.models.list"] }, methods: { allow: ["GET"] } },
    },
  });
  const client = await scene.connect("2026-07-28");
  for (
    const [name, given] of [
      ["openai_models_list", {}],
      ["openai_chat_completions_create", CHAT],
    ] as const
  ) {
    const result = await client.callTool({ name, arguments: given });
    expect(structured(result)).toMatchObject({
      error: {
        code: "tenant.denied",
        sent: "no",
        advice: "This is not allowed: leave it, or ask whoever serves the tools.",
      },
    });
  }
  expect(scene.calls).toEqual([]);
});

test("a key sees and calls what it may, and reads the answers of its own tenant only", async () => {
  const data = Array.from({ length: 50 }, (_, at) => ({ ...MODELS.data[0], id: `model-${at}` }));
  scene = await startScene(() => json({ object: "list", data }), {
    connectors: BOTH,
    maxAnswerChars: 1_000,
    keys: {
      reader: {
        tenant: "a",
        id: "1",
        connectors: { allow: ["openai"] },
        methods: { allow: ["GET"] },
      },
      other: { tenant: "b", id: "2" },
    },
  });
  const [reader, other] = [
    await scene.connect("2026-07-28", "reader"),
    await scene.connect("2025-11-25", "other"),
  ];
  const described = async (client: typeof reader) =>
    (await client.listTools()).tools[0]?.description;
  expect(await described(reader)).toBe("Finds API operations by what they do. APIs: openai.");
  expect(await described(other)).toContain("openai, github");
  const call = (client: typeof reader, name: string, given: Record<string, unknown>) =>
    client.callTool({ name, arguments: given });
  const { operations } = structured(
    await call(reader, "search", { query: "get or create", limit: 50 }),
  ) as {
    operations: { operation: string; effect: string }[];
  };
  expect(operations.length).toBeGreaterThan(0);
  for (const { operation, effect } of operations) {
    expect([operation.startsWith("openai."), effect]).toEqual([true, "reads"]);
  }
  const hidden = { operation: "github.issues.create", input: {} };
  expect(structured(await call(reader, "call", hidden))).toMatchObject({
    error: { code: "input.invalid", known: expect.not.arrayContaining(["github.issues.create"]) },
  });
  const apis = structured(await call(reader, "search", { query: "x", connector: "github" }));
  expect(apis).toMatchObject({ error: { known: ["openai"] } });
  const { handle } = structured(await call(reader, "call", { operation: "openai.models.list" }));
  expect(structured(await call(reader, "read", { handle, select: ["data[49].id"] }))).toEqual({
    part: { data: [{ id: "model-49" }] },
  });
  expect(structured(await call(other, "read", { handle }))).toMatchObject({
    error: { code: "answer.unknown" },
  });
});

test("there is a tool for each operation where there are few, and none too many", async () => {
  scene = await startScene(() => json(MODELS));
  const { tools } = await (await scene.connect("2026-07-28")).listTools();
  expect([tools.length > 10, tools.length < 31, tools.some(({ name }) => name === "call")])
    .toEqual([true, true, false]);
});

test("no result holds a secret, whatever the API repeats", async () => {
  const encoded = btoa(SECRET);
  scene = await startScene(
    () => json({ object: "list", data: [{ ...MODELS.data[0], id: SECRET, owned_by: encoded }] }),
    {
      mode: "direct",
    },
  );
  const client = await scene.connect("2026-07-28");
  const result = await client.callTool({ name: "openai_models_list", arguments: {} });
  const text = JSON.stringify(result);
  expect(text).toContain("[redacted]");
  expect(text).not.toContain(SECRET);
  expect(text).not.toContain(encoded);
  // Nor the half of one.
  const half = await client.callTool({
    name: "openai_models_list",
    arguments: { _select: ["data[].id[0:10]"] },
  });
  expect(JSON.stringify(half)).not.toContain(SECRET.slice(0, 10));
});

test("pages of other origins, other methods and unknown tools are refused", async () => {
  scene = await startScene(() => json(MODELS));
  const ask = (init: RequestInit) =>
    scene?.worker.fetch(new Request("http://localhost:8787/mcp", init));
  const foreign = await ask({ method: "POST", headers: { origin: "https://evil.example" } });
  expect(foreign?.status).toBe(403);
  expect((await ask({ method: "GET" }))?.status).toBe(405);
  const client = await scene.connect("2026-07-28");
  await expect(client.callTool({ name: "opnai", arguments: {} })).rejects.toThrow(
    "There is no tool",
  );
});

test("arguments nested without end are refused before anything is done with them", async () => {
  scene = await startScene(() => json({}), { connectors: BOTH });
  const body = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
  const input = `{"owner":"o","repo":"r","title":"t","body":${body}}`;
  const given = `{"operation":"github.issues.create","callId":"${ID}","input":${input}}`;
  const response = await scene.worker.fetch(
    new Request("http://localhost/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body:
        `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"call","arguments":${given}}}`,
    }),
  );
  expect(await response.text()).toContain("input.too_deep");
  expect(scene.calls).toEqual([]);
});
