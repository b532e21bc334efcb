import { describe, expect, test } from "bun:test";
import { createMock, type MockConnector, type MockOperation } from "../../../src/simulator/mod.ts";

const operation = (
  part: Partial<MockOperation> & Pick<MockOperation, "id" | "path">,
): MockOperation => ({
  method: "GET",
  parameters: [],
  result: { kind: "json", schema: {} },
  errors: [],
  examples: [],
  ...part,
});

const example = (name: string, input: Record<string, never> | object, rest: object = {}) =>
  ({ name, input: input as Record<string, never>, status: 200, headers: [], ...rest }) as const;

const shop: MockConnector = {
  id: "shop",
  servers: { default: "https://api.shop.test/v2" },
  types: {
    Item: {
      type: "object",
      required: ["id", "price"],
      properties: { id: { type: "string" }, price: { type: "integer", minimum: 5 } },
    },
    Problem: {
      type: "object",
      required: ["detail"],
      properties: { detail: { type: "string" } },
    },
  },
  operations: [
    operation({
      id: "items.list",
      path: "/items",
      parameters: [
        { name: "after", wire: "starting_after", in: "query" },
        { name: "created", wire: "created", in: "query" },
      ],
      errors: [{ status: [{ from: 500, to: 599 }], schema: { $ref: "#/$defs/Problem" } }],
      examples: [
        example("first", {}, { output: { items: [1], more: true } }),
        example("second", { after: "a" }, { output: { items: [2], more: false } }),
        example("filtered", { created: { gte: 7 } }, { output: { items: [3] } }),
      ],
    }),
    operation({
      id: "items.get",
      path: "/items/{id}",
      parameters: [{ name: "id", wire: "id", in: "path" }],
      result: { kind: "json", schema: { $ref: "#/$defs/Item" } },
      examples: [
        example("missing", { id: "a b" }, {
          status: 404,
          output: { detail: "no such item" },
          headers: [["x-request-id", "r1"]],
        }),
      ],
    }),
    operation({
      id: "items.mine",
      path: "/items/mine",
      examples: [example("mine", {}, { output: { mine: true } })],
    }),
    operation({
      id: "items.create",
      path: "/items",
      method: "POST",
      body: { kind: "form" },
      examples: [
        example("plain", { name: "x" }, { output: { id: "plain" } }),
        example("nested", { name: "x", tags: ["a", "b"], size: { w: 2 } }, {
          output: { id: "nested" },
        }),
      ],
    }),
    operation({
      id: "talk",
      path: "/talk:now",
      method: "POST",
      body: { kind: "json" },
      stream: {
        when: [{ path: ["stream"], oneOf: [true] }],
        format: "sse",
        item: {},
        done: "[DONE]",
      },
      examples: [
        example("whole", { say: "hi" }, { output: { text: "hi" } }),
        example("streamed", { say: "hi", stream: true }, {
          events: [{ type: "word", text: "h" }, { text: "i" }],
        }),
      ],
    }),
    operation({
      id: "file",
      path: "/file",
      result: { kind: "binary", schema: {} },
      examples: [example("bytes", {}, { output: { base64: "AP8=" } })],
    }),
    operation({
      id: "gone",
      path: "/gone",
      method: "DELETE",
      result: { kind: "none", schema: {} },
    }),
  ],
};

const get = (path: string, init?: RequestInit) => new Request(`http://mock.test${path}`, init);
const form = (text: string) =>
  get("/items", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: text,
  });

describe("mock of a connector", () => {
  test("answers with the example that fits best", async () => {
    const mock = createMock(shop);
    const read = async (request: Request) => await (await mock.fetch(request)).json();
    expect(await read(get("/items"))).toEqual({ items: [1], more: true });
    expect(await read(get("/items?starting_after=a&limit=2"))).toEqual({ items: [2], more: false });
    expect(await read(get("/items?created[gte]=7"))).toEqual({ items: [3] });
    expect(await read(form("name=x"))).toEqual({ id: "plain" });
    expect(await read(form("name=x&tags[0]=a&tags[1]=b&size[w]=2"))).toEqual({ id: "nested" });
    expect(await read(form("name=x&tags[]=b&tags[]=a&size[w]=2"))).toEqual({ id: "plain" });
    expect(mock.requests().map((request) => request.example)).toEqual(
      ["first", "second", "filtered", "plain", "nested", "plain"],
    );
  });

  test("finds operations under the server's path, a base path of its own, and fixed names before parameters", async () => {
    const mock = createMock(shop, { basePath: "/mock/shop/" });
    expect(await (await mock.fetch(get("/mock/shop/v2/items/mine"))).json()).toEqual({
      mine: true,
    });
    expect((await mock.fetch(get("/items/mine"))).status).toBe(404);
    const missing = await mock.fetch(get("/mock/shop/items/a%20b"));
    expect(missing.status).toBe(404);
    expect(missing.headers.get("x-request-id")).toBe("r1");
  });

  test("makes an answer from the schema where no example succeeds", async () => {
    const mock = createMock(shop);
    expect(await (await mock.fetch(get("/items/zzz"))).json()).toEqual({ id: "sample", price: 5 });
    expect((await mock.fetch(get("/gone", { method: "DELETE" }))).status).toBe(204);
  });

  test("tells whole numbers beyond 2^53 apart", async () => {
    const big = operation({
      id: "big",
      path: "/big",
      method: "POST",
      body: { kind: "json" },
      examples: ["9007199254740992", "9007199254740993"].map((id) =>
        example(id, { id, note: "12345678901234567890" }, { output: id })
      ),
    });
    const mock = createMock({ ...shop, operations: [big] }, { strict: true });
    const body = '{"id":9007199254740993,"note":"12345678901234567890"}';
    const response = await mock.fetch(get("/big", { method: "POST", body }));
    expect(await response.json()).toBe("9007199254740993");
  });

  test("reads a body in the form that its content type names", async () => {
    const both = operation({
      id: "both",
      path: "/both",
      method: "POST",
      body: {
        kind: "json",
        alternatives: [{ kind: "form", contentType: "application/x-www-form-urlencoded" }],
      },
      examples: [
        example("one", { name: "a" }, { output: 1 }),
        example("two", { name: "b" }, { output: 2 }),
      ],
    });
    const mock = createMock({ ...shop, operations: [both] }, { strict: true });
    const ask = async (body: string, type: string): Promise<unknown> => {
      const headers = { "content-type": type };
      return await (await mock.fetch(get("/both", { method: "POST", body, headers }))).json();
    };
    expect(await ask('{"name":"b"}', "application/json")).toBe(2);
    expect(await ask("name=b", "application/x-www-form-urlencoded; charset=utf-8")).toBe(2);
  });

  test("streams with the sentinel, and only when asked", async () => {
    const mock = createMock(shop);
    const talk = async (body: object) =>
      await (await mock.fetch(get("/talk:now", { method: "POST", body: JSON.stringify(body) })))
        .text();
    expect(await talk({ say: "hi" })).toBe('{"text":"hi"}');
    expect(await talk({ say: "hi", stream: true })).toBe(
      'event: word\ndata: {"type":"word","text":"h"}\n\ndata: {"text":"i"}\n\ndata: [DONE]\n\n',
    );
  });

  test("sends binary examples byte for byte", async () => {
    const response = await createMock(shop).fetch(get("/file"));
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255]);
  });

  test("breaks on request, in the shape of the API's errors", async () => {
    const mock = createMock(shop, { faults: [{ status: 503, retryAfter: "2" }, { status: 200 }] });
    const broken = await mock.fetch(get("/items"));
    expect(broken.status).toBe(503);
    expect(broken.headers.get("retry-after")).toBe("2");
    expect(await broken.json()).toEqual({ detail: "The mock answered 503 on request." });
    expect((await mock.fetch(get("/items"))).status).toBe(200);
    const cut = await mock.fetch(get("/talk:now", {
      method: "POST",
      body: '{"say":"hi","stream":true}',
      headers: { "x-simulator-fault": "kind=no-done" },
    }));
    expect(await cut.text()).not.toContain("[DONE]");
  });

  test("answers although the body broke off", async () => {
    const mock = createMock(shop);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("the client left")),
    });
    const init = { method: "POST", body, duplex: "half" };
    expect((await mock.fetch(get("/items", init as RequestInit))).status).toBe(500);
    expect(mock.requests().length).toBe(1);
  });

  test("says what is wrong with a request", async () => {
    const mock = createMock(shop, { strict: true, maxBodyBytes: 10 });
    const wrong = await mock.fetch(get("/items", { method: "PUT" }));
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, POST"]);
    expect((await mock.fetch(get("/talk:now", { method: "POST", body: "{" }))).status).toBe(400);
    expect((await mock.fetch(form("name=very+long"))).status).toBe(413);
    const unknown = await mock.fetch(form("name=y"));
    expect(unknown.status).toBe(501);
    expect(await unknown.text()).toContain('\\"plain\\", \\"nested\\"');
    expect(() => createMock(shop, { chunkDelayMs: -1 })).toThrow("chunkDelayMs is -1");
  });
});

describe("samples", () => {
  const sampled = async (schema: unknown, types: MockConnector["types"] = {}): Promise<unknown> => {
    const result = { kind: "json", schema } as const;
    const only = operation({ id: "one", path: "/one", result: result as MockOperation["result"] });
    const mock = createMock({ ...shop, types, operations: [only] });
    return await (await mock.fetch(new Request("http://mock.test/one"))).json();
  };

  test("hold what every part of an allOf asks for, and what stands beside it", async () => {
    const types = {
      Base: { type: "object", required: ["name"], properties: { name: { type: "string" } } },
      Cat: {
        allOf: [
          { $ref: "#/$defs/Base" },
          { type: "object", required: ["kind"], properties: { kind: { const: "cat" } } },
        ],
        required: ["lives"],
        properties: { lives: { type: "integer", minimum: 9 } },
      },
      Pet: { oneOf: [{ $ref: "#/$defs/Cat" }] },
    };
    expect(await sampled({ $ref: "#/$defs/Pet" }, types))
      .toEqual({ name: "sample", kind: "cat", lives: 9 });
    expect(await sampled({ allOf: [{ type: "string" }] })).toBe("sample");
  });

  test("a part of an anyOf comes with the properties beside it", async () => {
    const schema = {
      properties: { id: { type: "string" } },
      anyOf: [{ required: ["a"], properties: { a: { type: "boolean" } } }],
    };
    expect(await sampled(schema)).toEqual({ id: "sample", a: true });
  });

  test("keep to formats and lengths", async () => {
    expect(await sampled({ type: "string", format: "date-time" })).toBe("2025-01-01T00:00:00Z");
    expect(await sampled({ type: "string", format: "uuid" }))
      .toBe("00000000-0000-4000-8000-000000000000");
    expect(await sampled({ type: "string", format: "house-number" })).toBe("sample");
    expect(await sampled({ type: "string", minLength: 9 })).toBe("samplexxx");
    expect(await sampled({ type: "string", maxLength: 3 })).toBe("sam");
  });
});
