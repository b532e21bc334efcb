/** What a document tells besides its operations: examples, webhooks and callbacks. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { importOpenApi, type ImportOptions } from "../../../codegen/import/openapi/mod.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";

interface Spec {
  readonly operations: { readonly [id: string]: { readonly examples?: unknown } };
  readonly webhooks?: unknown;
}

function imported(
  parts: object,
  options: ImportOptions = {},
): { spec: Spec; losses: readonly string[] } {
  const { yaml, report } = importOpenApi({
    openapi: "3.1.0",
    info: { title: "Shop", version: "1" },
    servers: [{ url: "https://shop.example.com" }],
    ...parts,
  }, options);
  const { diagnostics } = loadConnector({ path: "connector.yaml", text: yaml });
  expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  const losses = report.losses.map(({ where, message }) => `${where}: ${message}`);
  return { spec: parse(yaml) as Spec, losses };
}

const item = {
  type: "object",
  required: ["name", "id"],
  properties: {
    id: { type: "integer", readOnly: true },
    name: { type: "string", maxLength: 5 },
    size: { enum: ["s", "m"] },
  },
};

describe("examples", () => {
  const operation = (request: object, answer: object, parameters: object[] = []): object => ({
    paths: {
      "/items": {
        post: {
          operationId: "add",
          parameters,
          requestBody: {
            required: true,
            content: { "application/json": { schema: item, ...request } },
          },
          responses: {
            201: {
              description: "it",
              content: { "application/json": { schema: item, ...answer } },
            },
          },
        },
      },
    },
  });
  const examples = (...given: Parameters<typeof operation>): unknown =>
    imported(operation(...given)).spec.operations["add"]?.examples;

  test("of a request and its answer go together by name", () => {
    const request = {
      examples: { one: { value: { name: "a" } }, two: { value: { name: "b", size: "m" } } },
    };
    const answer = { examples: { two: { value: { id: 2, name: "b" } } } };
    expect(examples(request, answer)).toEqual([
      { name: "one", input: { name: "a" }, output: { id: 2, name: "b" } },
      { name: "two", input: { name: "b", size: "m" }, output: { id: 2, name: "b" } },
    ]);
  });

  test("of parameters complete them, and what must be given and has none leaves them out", () => {
    const shop = { name: "X-Shop", in: "header", required: true, schema: { type: "string" } };
    const one = { example: { name: "a" } };
    expect(examples(one, {}, [{ ...shop, example: "north" }])).toEqual([
      { name: "example", input: { name: "a", xShop: "north" } },
    ]);
    expect(examples(one, {}, [shop])).toBeUndefined();
  });

  test("that do not fit, or nobody would read, are left out", () => {
    for (
      const value of [{ size: "m" }, { name: "too long" }, { name: "a", size: "x" }, {
        name: "a",
        sizes: 1,
      }, 7]
    ) expect(examples({ example: value }, {})).toBeUndefined();
    expect(examples({ example: { name: "a" } }, { example: { id: "1", name: "a" } })).toEqual([
      { name: "example", input: { name: "a" } },
    ]);
    const long = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`field-${n}`, "x"]));
    expect(examples({ example: { name: "a", ...long } }, {})).toBeUndefined();
  });

  test("of a body that need not be an object are the input `body`", () => {
    const emails = { type: "array", items: { type: "string" } };
    const named = { type: "object", properties: { emails } };
    const value = { emails: ["a@b.example"] };
    const bodies: [schema: object | undefined, example: unknown][] = [
      [{ oneOf: [{ ...named, required: ["emails"] }, emails] }, value],
      [{ oneOf: [named, { enum: ["all", "none"] }] }, value],
      [{ $ref: "#/components/schemas/Maybe" }, value],
      [{ type: ["object", "null"], properties: { emails } }, value],
      [undefined, value],
      [{}, 7],
      [emails, ["a@b.example"]],
      [{ type: "string" }, "a"],
    ];
    for (const [schema, example] of bodies) {
      const content = { "application/json": { ...(schema && { schema }), example } };
      const { spec } = imported({
        paths: {
          "/emails": {
            post: {
              operationId: "addEmails",
              requestBody: { required: true, content },
              responses: { 204: { description: "done" } },
            },
          },
        },
        components: { schemas: { Maybe: { anyOf: [named, { type: "null" }] } } },
      });
      const [operation] = Object.values(spec.operations);
      expect([schema, operation?.examples]).toEqual([schema, [
        { name: "example", input: { body: example } },
      ]]);
    }
  });

  test("of 3.2 are given as values", () => {
    const answer = { examples: { a: { dataValue: { id: 1, name: "a" }, serializedValue: "{}" } } };
    expect(examples({ example: { name: "a" } }, answer)).toEqual([
      { name: "example", input: { name: "a" }, output: { id: 1, name: "a" } },
      { name: "a", input: { name: "a" }, output: { id: 1, name: "a" } },
    ]);
  });
});

const call = { get: { operationId: "get", responses: { 204: { description: "done" } } } };
const message = (schema: object, more: object = {}): object => ({
  post: {
    summary: "It happened.",
    requestBody: { content: { "application/json": { schema } } },
    responses: { 204: { description: "done" } },
    ...more,
  },
});
const typed = (type: string): object => ({
  type: "object",
  required: ["type"],
  properties: { type: { const: type }, id: { type: "string" } },
});

describe("webhooks", () => {
  test("are distinguished by a property with a fixed value in each", () => {
    const webhooks = { a: message(typed("item.made")), b: message(typed("item.gone")) };
    const { spec, losses } = imported({ paths: { "/a": call }, webhooks });
    expect(spec.webhooks).toMatchObject({
      verify: { type: "none" },
      name: "$.type",
      events: { "item.made": { description: "It happened." }, "item.gone": {} },
    });
    expect(losses).toEqual([
      "webhooks: How they are signed is not in the document, so nothing is verified: say it as `webhooks.verify` in the overlay.",
    ]);
  });

  test("or by a header, under which several may come", () => {
    const header = (value: string): object => ({
      parameters: [{ name: "X-Event", in: "header", example: value, schema: { type: "string" } }],
    });
    const open = { type: "object", properties: { id: { type: "string" } } };
    const closed = { type: "object", properties: { reason: { type: "string" } } };
    const webhooks = {
      made: message(open, header("issues")),
      gone: message(closed, header("issues")),
      star: message(open, header("star")),
    };
    expect(imported({ paths: { "/a": call }, webhooks }).spec.webhooks).toMatchObject({
      name: { header: "X-Event" },
      events: { issues: { type: { anyOf: [{}, {}] } }, star: { type: {} } },
    });
  });

  test("that cannot be distinguished, or do not hold JSON, are reported as left out", () => {
    const webhooks = { a: message({ type: "object" }), b: { post: {} } };
    const { spec, losses } = imported({ paths: { "/a": call }, webhooks });
    expect(spec.webhooks).toBeUndefined();
    expect(losses).toEqual([
      "webhooks.b: Left out: it has no JSON body.",
      "webhooks.a: Left out: nothing in it says which event it is.",
    ]);
  });

  test("are chosen as operations are", () => {
    const tagged = (tag: string): object => ({ tags: [tag] });
    const webhooks = {
      a: message(typed("a"), tagged("x")),
      b: message(typed("b"), tagged("y")),
    };
    const paths = { "/a": { get: { ...call.get, tags: ["x"] } } };
    const { spec } = imported({ paths, webhooks }, { include: ["tag:x"] });
    expect(Object.keys((spec.webhooks as { events: object }).events)).toEqual(["a"]);
  });
});

test("callbacks are events as webhooks are", () => {
  const callbacks = { done: { "{$request.body#/url}": message(typed("job.done")) } };
  const paths = { "/a": { post: { ...call.get, callbacks } } };
  const { spec } = imported({ paths, webhooks: { a: message(typed("job.begun")) } });
  expect(spec.webhooks).toMatchObject({ events: { "job.begun": {}, "job.done": {} } });
});
