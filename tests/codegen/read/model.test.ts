/** The model of a valid spec. */
import { describe, expect, test } from "bun:test";
import type { ConnectorModel } from "../../../codegen/model/mod.ts";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { compose } from "../../../tools/diagnostic_cases.ts";

function modelOf(fragment: string): ConnectorModel {
  const { model, diagnostics } = loadConnector({ path: "connector.yaml", text: compose(fragment) });
  const errors = diagnostics.filter((one) => one.severity === "error");
  if (model === undefined) throw new Error(formatDiagnostics(errors));
  return model;
}

describe("names", () => {
  test("members, functions and types of operations", () => {
    const { operations } = modelOf(`operations:
  chat.completions.create: { get: /a }
  git-hub.list_all_APIs: { get: /b }
  delete: { delete: /c }
`);
    expect(operations.map((one) => [one.members.join("."), one.functionName, one.typeName]))
      .toEqual([
        ["chat.completions.create", "chatCompletionsCreate", "ChatCompletionsCreate"],
        ["gitHub.listAllAPIs", "gitHubListAllAPIs", "GitHubListAllAPIs"],
        ["delete", "delete_", "Delete"],
      ]);
  });

  test("a type with the name of an operation's types makes these move", () => {
    const { operations } = modelOf(`operations: { items.get: { get: /a, result: ItemsGetResult } }
types: { ItemsGetResult: { type: string } }
`);
    expect(operations[0]?.typeName).toBe("ItemsGetCall");
  });

  test("the class is named after the id, or as it says", () => {
    expect(modelOf("id: open-weather\n").className).toBe("OpenWeather");
    expect(modelOf("id: openai\nname: OpenAI\n").className).toBe("OpenAI");
  });
});

describe("types", () => {
  const model = modelOf(`operations:
  trees.save: { post: /trees, body: Tree, result: Saved }
types:
  Tree: { type: object, properties: { left: Tree, leaf: Leaf } }
  Leaf: { type: string, nullable: true }
  Saved: { type: object, properties: { tree: Tree, list: "Even[]" } }
  Even: { type: object, properties: { odd: Odd } }
  Odd: { type: object, properties: { even: Even } }
`);
  const flags = (name: string): string => {
    const type = model.types.find((one) => one.name === name);
    const names = ["inRequest", "inResponse", "recursive"] as const;
    return names.filter((flag) => type?.[flag]).join(" ");
  };

  test("know where they are used, and whether they refer to themselves", () => {
    expect(flags("Tree")).toBe("inRequest inResponse recursive");
    expect(flags("Leaf")).toBe("inRequest inResponse");
    expect(flags("Saved")).toBe("inResponse");
    expect(flags("Odd")).toBe("inResponse recursive");
  });

  test("say where they stand", () => {
    expect(model.types[1]?.at).toEqual({ file: "connector.yaml", line: 9, column: 3 });
  });
});

describe("schemas", () => {
  const schemaOf = (text: string): unknown =>
    modelOf(`operations: { a: { get: /a, result: T } }\ntypes: { T: ${text} }\n`).types[0]?.schema;

  test("null is a property of a type, however it is written", () => {
    const nullable = { kind: "string", nullable: true };
    expect(schemaOf("{ type: string, nullable: true }")).toEqual(nullable);
    expect(schemaOf("{ type: [string, 'null'] }")).toEqual(nullable);
    expect(schemaOf("{ anyOf: [string, { type: 'null' }] }")).toEqual(nullable);
    expect(schemaOf("{ enum: [a, null] }")).toEqual({
      kind: "enum",
      values: ["a"],
      nullable: true,
    });
  });

  test("both dialects of exclusive limits", () => {
    const above = { kind: "number", exclusiveMinimum: 1 };
    expect(schemaOf("{ type: number, minimum: 1, exclusiveMinimum: true }")).toEqual(above);
    expect(schemaOf("{ type: number, exclusiveMinimum: 1 }")).toEqual(above);
  });

  test("objects, records, tuples", () => {
    expect(schemaOf("{ type: object }")).toEqual({ kind: "record", values: { kind: "unknown" } });
    expect(schemaOf("{ additionalProperties: integer }")).toEqual({
      kind: "record",
      values: { kind: "integer" },
    });
    expect(schemaOf("{ properties: { a: string } }")).toMatchObject({
      additional: true,
      additionalImplicit: true,
    });
    expect(schemaOf("{ properties: { a: string }, additionalProperties: true }")).toEqual({
      kind: "object",
      properties: [{ name: "a", schema: { kind: "string" }, required: false }],
      additional: true,
    });
    expect(schemaOf("{ type: array, prefixItems: [string, number], items: false, minItems: 1 }"))
      .toEqual({
        kind: "tuple",
        items: [{ kind: "string" }, { kind: "number" }],
        required: 1,
      });
  });

  test("one part of allOf is that part; a required part stays", () => {
    expect(schemaOf("{ allOf: [string], description: Text. }")).toEqual({
      kind: "string",
      doc: "Text.",
    });
    expect(schemaOf("{ allOf: [{ properties: { a: string } }, { required: [a] }] }")).toMatchObject(
      {
        kind: "intersection",
        members: [{ kind: "object" }, {
          properties: [{ name: "a", required: true, schema: { kind: "unknown" } }],
        }],
      },
    );
  });

  test("bytes", () => {
    const { operations } = modelOf(
      "operations: { a: { post: /a, body: { multipart: { type: object, properties: { f: { type: string, format: binary } } } } } }\n",
    );
    expect(operations[0]?.body?.schema).toMatchObject({
      properties: [{ name: "f", schema: { kind: "bytes" } }],
    });
  });
});

describe("operations", () => {
  test("policy of the connector and of the operation, key by key", () => {
    const { operations } = modelOf(
      `policy: { timeout: { connect: 5s, total: 10m }, retry: { attempts: 3, on: [5xx, connect] } }
operations: { a: { get: /a, policy: { timeout: { total: 1.5s }, retry: { attempts: 1 } } } }
`,
    );
    expect(operations[0]?.policy).toEqual({
      timeout: { connectMs: 5000, totalMs: 1500 },
      retry: { attempts: 1, on: [{ kind: "status", from: 500, to: 599 }, { kind: "connect" }] },
    });
  });

  test("path, parameters and what is sent", () => {
    const { operations } = modelOf(`operations:
  a:
    get: /v1/{file_id}:copy
    input:
      fileId: { name: file_id, type: string }
      kind: { in: query, const: full }
      size: { in: query, type: integer, default: 10 }
      tags: { in: query, type: array, items: string, optional: true, explode: false }
`);
    const [operation] = operations;
    expect(operation?.path).toEqual([
      { kind: "literal", text: "/v1/" },
      { kind: "param", name: "fileId" },
      { kind: "literal", text: ":copy" },
    ]);
    expect(
      operation?.parameters.map((
        { name, wire, in: place, required, style, explode, send },
      ) => [name, wire, place, required, style, explode, send]),
    ).toEqual([
      ["fileId", "file_id", "path", true, "simple", false, undefined],
      ["kind", "kind", "query", false, "form", true, "full"],
      ["size", "size", "query", false, "form", true, undefined],
      ["tags", "tags", "query", false, "form", false, undefined],
    ]);
  });

  test("object bodies are mixed with parameters, others have a name", () => {
    const bodyOf = (body: string): unknown => {
      const { mode, key, kind, contentType, required } =
        modelOf(`operations: { a: { post: /a, body: ${body} } }\n`).operations[0]?.body ?? {};
      return [kind, contentType, mode, key, required];
    };
    expect(bodyOf("{ properties: { a: string } }")).toEqual([
      "json",
      "application/json",
      "spread",
      "body",
      true,
    ]);
    expect(bodyOf("'string[]'")).toEqual(["json", "application/json", "key", "body", true]);
    expect(
      bodyOf("{ json: { properties: { a: string } }, as: item, contentType: application/x+json }"),
    ).toEqual(["json", "application/x+json", "key", "item", true]);
    expect(bodyOf("{ json: { required: [a], properties: { a: string } }, optional: true }"))
      .toEqual(["json", "application/json", "key", "body", false]);
    expect(bodyOf("{ binary: image/png }")).toEqual(["binary", "image/png", "key", "body", true]);
  });

  test("idempotency is for methods that need it, unless switched off", () => {
    const { operations } = modelOf(`idempotency: { header: Idempotency-Key }
operations: { a: { post: /a }, b: { get: /b }, c: { post: /c, idempotency: false }, d: { put: /d, idempotency: { header: X-Key, generate: false } } }
`);
    expect(operations.map((one) => one.idempotency)).toEqual([
      { header: "Idempotency-Key", generate: true },
      undefined,
      undefined,
      { header: "X-Key", generate: false },
    ]);
  });

  test("items of a page have their type", () => {
    const { operations } = modelOf(`operations:
  a:
    post: /a
    body: { properties: { page: { type: object, properties: { cursor: string } }, limit: integer } }
    result: { properties: { data: "Item[]", next: { type: string, nullable: true } } }
    paginate: { style: cursor, items: $.data, next: $.next, param: $body.page.cursor, size: limit }
types: { Item: { type: object, properties: { id: string } } }
`);
    expect(operations[0]?.pagination).toMatchObject({
      itemSchema: { kind: "ref", name: "Item" },
      target: { kind: "body", path: ["page", "cursor"] },
      size: { kind: "body", path: ["limit"] },
      maxPages: 1000,
    });
  });
});

describe("the model", () => {
  test("is plain data", () => {
    const model = modelOf("operations: { a: { get: /a, result: 'string[]' } }\n");
    expect(JSON.parse(JSON.stringify(model))).toEqual(model as unknown as Record<string, unknown>);
  });

  test("does not depend on line ends", () => {
    const unix = modelOf("title: A\n");
    const { model } = loadConnector({
      path: "connector.yaml",
      text: compose("title: A\n").replaceAll("\n", "\r\n"),
    });
    expect(model).toEqual(unix);
  });
});
