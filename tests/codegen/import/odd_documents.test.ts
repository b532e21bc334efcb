/** Documents as found in the wild: names in other scripts, merged YAML, addresses with variables, and worse. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import {
  importOpenApi,
  type ImportOptions,
  type ImportReport,
} from "../../../codegen/import/openapi/mod.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import { ConnectorError } from "../../../src/core/errors.ts";

interface Spec {
  servers: Record<string, unknown>;
  errors?: { rules: { status: unknown }[] };
  operations: Record<string, Record<string, unknown>>;
  types?: Record<string, unknown>;
}

/** The spec, which must be valid. */
function imported(document: unknown, options: ImportOptions = {}): Spec & { report: ImportReport } {
  const { yaml, report } = importOpenApi(document, options);
  const { diagnostics } = loadConnector({ path: "connector.yaml", text: yaml });
  expect(diagnostics.filter((one) => one.severity === "error")).toEqual([]);
  return { ...parse(yaml) as Spec, report };
}

function failure(document: unknown, options: ImportOptions = {}): ConnectorError {
  try {
    importOpenApi(document, options);
  } catch (error) {
    if (error instanceof ConnectorError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const json = (schema: unknown): unknown => ({
  responses: { "200": { description: "ok", content: { "application/json": { schema } } } },
});
const head = { openapi: "3.1.0", info: { title: "Odd", version: "1" } };
const ref = (name: string): unknown => ({ $ref: `#/components/schemas/${name}` });

describe("names", () => {
  const get = (operationId: string | undefined, more: object = {}): unknown => ({
    get: { operationId, ...more, responses: { "204": { description: "done" } } },
  });

  test("do not depend on the order of a document", () => {
    const paths = { "/b": get("list"), "/a": get("list"), "/c": get("list") };
    const schemas = { "foo-bar": { type: "string" }, foo_bar: { type: "integer" } };
    const uses = {
      "/x": { get: json(ref("foo-bar")) },
      "/y": { get: json(ref("foo_bar")) },
    };
    const one = imported({ ...head, paths: { ...paths, ...uses }, components: { schemas } });
    const reversed = imported({
      ...head,
      paths: Object.fromEntries(Object.entries({ ...paths, ...uses }).toReversed()),
      components: { schemas: Object.fromEntries(Object.entries(schemas).toReversed()) },
    });
    const { report: _, ...spec } = one;
    const { report: __, ...other } = reversed;
    expect(other).toEqual(spec);
    expect(spec.operations["list"]?.["get"]).toBe("/a");
  });

  test("of schemas within others do not depend on what else is imported", () => {
    const deep = (path: string): unknown =>
      json({
        $ref: `#/paths/~1${path}~1source/get/responses/200/content/application~1json/schema/items`,
      });
    const source = { get: json({ type: "array", items: { type: "object", title: "x" } }) };
    const document = {
      ...head,
      paths: {
        "/a/source": source,
        "/b/source": source,
        "/a": { get: deep("a") },
        "/b": { get: { ...deep("b") as object, tags: ["b"] } },
      },
    };
    const all = imported(document);
    const part = imported(document, { include: ["tag:b"] });
    expect(all.operations["b.get"]?.["result"]).toBe("BSourceGet200Items");
    expect(part.operations["b.get"]?.["result"]).toBe("BSourceGet200Items");
  });

  test("in other scripts stay distinct and stable", () => {
    const { operations, types } = imported({
      ...head,
      paths: {
        "/users": get("获取用户列表", {
          tags: ["用户"],
          parameters: [
            { name: "页码", in: "query", schema: { type: "integer" } },
            { name: "größe", in: "query", schema: { type: "integer" } },
          ],
        }),
        "/orders": { get: { operationId: "créerCommande", ...json(ref("订单")) as object } },
      },
      components: { schemas: { 订单: { type: "object" } } },
    });
    expect(Object.keys(operations)).toEqual(["users.get", "creerCommande"]);
    expect(Object.keys(operations["users.get"]?.["input"] as object)).toEqual([
      "u9875U7801",
      "grosse",
    ]);
    expect(Object.keys(types ?? {})).toEqual(["U8ba2U5355"]);
  });

  test("that objects have by nature are left out, and said to be", () => {
    const { types, report } = imported(
      JSON.stringify({
        ...head,
        paths: { "/a": { get: json(ref("A")) } },
        components: { schemas: { A: { type: "object", properties: { a: { type: "string" } } } } },
      }).replace('"a":{"type"', '"__proto__":{"type":"object"},"a":{"type"'),
    );
    expect(types?.["A"]).toEqual({ type: "object", properties: { a: "string" } });
    expect(report.losses.map((loss) => loss.message)).toContain(
      "A property `__proto__` is left out.",
    );
  });

  test("given by the caller must be ones that a spec can have", () => {
    const document = { ...head, paths: { "/a": get("a") } };
    expect(failure(document, { id: "../../x" }).code).toBe("import.name");
    expect(failure(document, { id: "My Api" }).message).toContain("such as my");
    expect(failure(document, { name: "a b" }).code).toBe("import.name");
    expect(failure(document, { name: "Promise" }).code).toBe("import.name");
  });
});

describe("servers", () => {
  const servers = (...list: unknown[]): Spec["servers"] =>
    imported({
      ...head,
      servers: list,
      paths: { "/a": { get: { responses: { "204": { description: "done" } } } } },
    }).servers;

  test("variables for ports and paths", () => {
    const url = "https://{host}:{port}/{basePath}/v1";
    const variables = {
      host: { default: "eu.example.com" },
      port: { default: 8443 },
      basePath: { default: "api/x" },
    };
    expect(servers({ url, variables })).toEqual({
      default: {
        url,
        variables: {
          host: { pattern: "[A-Za-z0-9._-]+", default: "eu.example.com" },
          port: { pattern: "[0-9]{1,5}", default: "8443" },
          basePath: { pattern: "[A-Za-z0-9._/-]+", default: "api/x" },
        },
      },
    });
    const ports = { port: { enum: [443, 8443], default: 8443 } };
    expect(servers({ url: "https://a.example:{port}", variables: ports })).toEqual({
      default: {
        url: "https://a.example:{port}",
        variables: { port: { enum: ["443", "8443"], default: "8443" } },
      },
    });
  });

  test("the first that can be used is the default", () => {
    expect(servers({ url: "ftp://a.example" }, { url: "https://b.example" })).toEqual({
      default: "https://b.example",
    });
  });
});

describe("YAML of tools", () => {
  test("merge keys, versions without quotes", () => {
    const { errors } = imported(`openapi: 3.0
info: { title: Odd, version: 1 }
x-responses: &errors
  "400": { description: bad }
  "409": { description: conflict }
paths:
  /a:
    get:
      responses:
        <<: *errors
        "204": { description: done }
`);
    expect(errors?.rules.map((rule) => rule.status)).toEqual([400, 409, 429, "5xx"]);
  });

  // With quadratic steps the large ones would take hours, and the run would be killed.
  test("what cannot be read says why and where, at once", () => {
    const message = (text: string): string => {
      const { code, message } = failure(text);
      expect(code).toBe("import.syntax");
      return message;
    };
    expect(message('{\n  "openapi": "3.0.0",\n  "paths": }')).toContain("line 3, column 12");
    expect(message(`{"a": "${"x".repeat(200_000)}",\n}`)).toContain("line 2, column 1");
    expect(message("[".repeat(1_000_000))).toContain("nested too deeply");
    expect(message(`a: ${"{a: ".repeat(30_000)}`)).toContain("nested too deeply");
    expect(message(`a:\n  ${"- ".repeat(50_000)}a`)).toContain("nested too deeply");
    const bomb = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]`);
    expect(message(`a0: &a0 [x]\n${bomb.join("\n")}`)).toContain("aliases");
    expect(message(`a: &a b\n${`b: ]\n`.repeat(1_000_000)}`)).toContain("Not valid YAML: ");
  });
});

describe("results", () => {
  const result = (...types: string[]): unknown => {
    const content = Object.fromEntries(
      types.map((type) => [type, { schema: { type: "string", format: "binary" } }]),
    );
    return imported({
      ...head,
      paths: { "/a": { get: { responses: { "200": { description: "ok", content } } } } },
    }).operations["a.get"]?.["result"];
  };

  test("are asked for as what the document says", () => {
    expect(result("application/json")).toBe("string");
    expect(result("application/vnd.api+json", "application/json")).toBe("string");
    expect(result("application/vnd.api+json; version=1")).toEqual({
      json: "string",
      accept: "application/vnd.api+json",
    });
    expect(result("image/png")).toEqual({ binary: "image/png" });
    expect(result("image/*")).toEqual({ binary: "application/octet-stream", accept: "image/*" });
    expect(result("*/*")).toEqual({ binary: "application/octet-stream", accept: "*/*" });
  });

  test("null among the members of a union takes no discriminator away", () => {
    const member = (kind: string): unknown => ({
      type: "object",
      required: ["kind"],
      properties: { kind: { const: kind } },
    });
    const { types } = imported({
      ...head,
      paths: { "/a": { get: json(ref("U")) } },
      components: {
        schemas: {
          A: member("a"),
          B: member("b"),
          U: {
            oneOf: [ref("A"), ref("B"), { type: "null" }],
            discriminator: { propertyName: "kind" },
          },
        },
      },
    });
    expect(types?.["U"]).toEqual({
      oneOf: ["A", "B"],
      discriminator: { propertyName: "kind", mapping: { a: "A", b: "B" } },
      nullable: true,
    });
  });

  test("objects in an enum are values too", () => {
    const { operations } = imported({
      ...head,
      paths: { "/a": { get: json({ enum: ["x", { a: 1 }, null] }) } },
    });
    expect(operations["a.get"]?.["result"]).toEqual({ enum: ["x", { a: 1 }], nullable: true });
  });
});

describe("what has no counterpart is said", () => {
  test("subtypes that only a discriminator tells", () => {
    const { report } = imported({
      ...head,
      paths: { "/a": { get: json(ref("Pet")) } },
      components: {
        schemas: {
          Pet: {
            type: "object",
            discriminator: { propertyName: "kind" },
            properties: { kind: { type: "string" } },
          },
        },
      },
    });
    expect(report.losses.map(({ kind, where }) => [kind, where])).toContainEqual([
      "discriminator",
      "types.Pet",
    ]);
  });

  test("one of several media types of a part is not forced on every file", () => {
    const part = (contentType: string): unknown => {
      const schema = {
        type: "object",
        required: ["file"],
        properties: { file: { type: "string", format: "binary" } },
      };
      const content = { "multipart/form-data": { schema, encoding: { file: { contentType } } } };
      const { operations } = imported({
        ...head,
        paths: {
          "/a": {
            post: { requestBody: { content }, responses: { "204": { description: "done" } } },
          },
        },
      });
      return (operations["a.post"]?.["body"] as { parts?: unknown } | undefined)?.parts;
    };
    expect(part("application/pdf")).toEqual({ file: "application/pdf" });
    expect(part("image/png, image/jpeg")).toBeUndefined();
    expect(part("image/*")).toBeUndefined();
  });
});

test("types that multiply with each step are read once each", () => {
  const schemas: Record<string, unknown> = { A0: { type: "object", properties: { x: {} } } };
  for (let at = 1; at < 30; at++) {
    const $ref = `#/components/schemas/A${at - 1}`;
    schemas[`A${at}`] = {
      [at % 2 ? "allOf" : "anyOf"]: Array.from({ length: 8 }, () => ({ $ref })),
    };
  }
  const schema = { $ref: "#/components/schemas/A29" };
  const post = {
    ...json(schema) as object,
    requestBody: { content: { "application/x-www-form-urlencoded": { schema } } },
  };
  const { yaml } = importOpenApi({
    ...head,
    servers: [{ url: "https://a.example" }],
    components: { schemas },
    paths: { "/x": { post } },
  });
  expect(yaml).toContain("A29:");
});
