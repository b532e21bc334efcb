/** `$ref`s into other files, `$id`s and `$anchor`s. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { filesOf } from "../../../cli/spec/import_files.ts";
import { importOpenApi, type ImportResult } from "../../../codegen/import/openapi/mod.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "vastar-refs-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

const answer = (schema: object): object => ({
  responses: { "200": { description: "ok", content: { "application/json": { schema } } } },
});

const ROOT = {
  openapi: "3.1.0",
  info: { title: "Parts", version: "1" },
  servers: [{ url: "https://parts.example.com" }],
  paths: {
    "/pets": { $ref: "paths/pets.yaml" },
    "/anchored": { get: { operationId: "anchored", ...answer({ $ref: "#tree" }) } },
    "/named": {
      get: { operationId: "named", ...answer({ $ref: "https://ids.example.com/node" }) },
    },
    "/far": { get: { operationId: "far", ...answer({ $ref: "https://example.com/far.json" }) } },
    "/out": { get: { operationId: "out", ...answer({ $ref: "../outside.yaml" }) } },
    "/link": { get: { operationId: "link", ...answer({ $ref: "link.yaml" }) } },
    "/gone": { get: { operationId: "gone", ...answer({ $ref: "gone.yaml#/a" }) } },
    "/broken": { get: { operationId: "broken", ...answer({ $ref: "broken.json" }) } },
  },
  components: {
    schemas: {
      Animal: { $ref: "schemas/Pet.yaml" },
      Tree: {
        $anchor: "tree",
        type: "object",
        properties: { kids: { type: "array", items: { $ref: "#tree" } } },
      },
      Node: {
        $id: "https://ids.example.com/node",
        type: "object",
        properties: { next: { $ref: "#/$defs/inner" }, $ref: { type: "string" } },
        $defs: { inner: { type: "object", properties: { up: { $ref: "#" } } } },
      },
    },
  },
};

function write(path: string, content: string): void {
  const full = join(FOLDER, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}

write("api/openapi.json", JSON.stringify(ROOT));
write(
  "api/paths/pets.yaml",
  `
get:
  operationId: pets
  parameters: [{ $ref: "../parameters.yaml#/limit" }]
  responses:
    "200": { description: ok, content: { application/json: { schema: { type: array, items: { $ref: "../schemas/Pet.yaml" } } } } }
    default: { description: no, content: { application/json: { schema: { $ref: "../common.yaml#/components/schemas/Problem" } } } }
`,
);
write("api/parameters.yaml", "limit: { name: limit, in: query, schema: { type: integer } }");
write(
  "api/common.yaml",
  "components: { schemas: { Problem: { type: object, properties: { message: { type: string } } } } }",
);
write(
  "api/schemas/Pet.yaml",
  'type: object\nproperties: { mother: { $ref: "#" }, owner: { $ref: owner.json }, tree: { $ref: "#/components/schemas/Tree" } }',
);
write(
  "api/schemas/owner.json",
  '{"type":"object","properties":{"pets":{"items":{"$ref":"Pet.yaml"}}}}',
);
write("api/broken.json", '{"type": }');
write("outside.yaml", "type: string");
symlinkSync(join(FOLDER, "outside.yaml"), join(FOLDER, "api/link.yaml"));

function load(given: ImportResult): { [key: string]: { [key: string]: unknown } } {
  return parse(given.yaml) as { [key: string]: { [key: string]: unknown } };
}

describe("references to other files", () => {
  const files = filesOf("api", "api/openapi.json", FOLDER);
  const source = JSON.stringify(ROOT);
  const result = importOpenApi(source, { files });
  const { operations, types, errors } = load(result);

  test("are followed from where they stand, and give names to what they lead to", () => {
    expect(operations?.["pets"]).toEqual({
      get: "/pets",
      input: { limit: { in: "query", type: "integer", optional: true } },
      result: { type: "array", items: "Animal" },
    });
    expect(types?.["Animal"]).toEqual({
      type: "object",
      properties: { mother: "Animal", owner: "Owner", tree: "Tree" },
    });
    expect(types?.["Owner"]).toEqual({
      type: "object",
      properties: { pets: { type: "array", items: "Animal" } },
    });
    expect(errors?.["type"]).toBe("Problem");
  });

  test("never lead out of the folder or to the network, and say so", () => {
    const lost = result.report.losses.map(({ where, message }) => `${where}: ${message}`);
    expect(lost.filter((one) => !one.startsWith("GET /broken"))).toEqual([
      "GET /far result: `https://example.com/far.json` is not in this document, and nothing is fetched from the network; the type is unknown.",
      "GET /out result: `../outside.yaml` leads out of the folder; the type is unknown.",
      "GET /link result: `link.yaml` leads out of the folder, by a link; the type is unknown.",
      "GET /gone result: `gone.yaml#/a` leads to gone.yaml, which does not exist; the type is unknown.",
    ]);
    expect(lost.at(-1)).toContain(
      "`broken.json` leads to broken.json: The document cannot be read.",
    );
  });

  test("of a document outside the folder are refused", () => {
    expect(() => filesOf("api", "outside.yaml", FOLDER)).toThrow("outside.yaml is not in api");
    expect(() => filesOf("outside.yaml", "outside.yaml", FOLDER)).toThrow("is not a folder");
  });

  test("are not followed where no folder is given", () => {
    const { report } = importOpenApi(ROOT);
    expect(report.losses.map(({ message }) => message)).toContain(
      "`paths/pets.yaml` leads to another file: give the folder with --refs.",
    );
  });
});

test("`$anchor` and `$id` are followed within one document", () => {
  const { operations, types } = load(importOpenApi(ROOT));
  expect([operations?.["anchored"], operations?.["named"]]).toEqual([
    { get: "/anchored", result: "Tree" },
    { get: "/named", result: "Node" },
  ]);
  expect(types?.["Tree"]).toMatchObject({ properties: { kids: { items: "Tree" } } });
  expect(types?.["Node"]).toEqual({
    type: "object",
    properties: { next: "NodeInner", $ref: "string" },
  });
  expect(types?.["NodeInner"]).toEqual({ type: "object", properties: { up: "Node" } });
});

test("one way to write a pointer is as good as another", () => {
  const result = importOpenApi({
    ...ROOT,
    paths: {
      "/a": {
        get: { operationId: "a", ...answer({ $ref: "#/components/schemas/Page%3CPet%3E" }) },
      },
      "/b": { get: { operationId: "b", ...answer({ $ref: "#/components/schemas/Page<Pet>" }) } },
    },
    components: {
      schemas: {
        "Page<Pet>": {
          type: "object",
          properties: { items: { type: "array", items: { $ref: "#/components/schemas/A%20Pet" } } },
        },
        "A Pet": {
          type: "object",
          required: ["kind"],
          properties: { kind: { type: "string" } },
          discriminator: {
            propertyName: "kind",
            mapping: {
              cat: "#/components/schemas/A%20Cat",
              dog: "#/components/schemas/A Dog",
            },
          },
        },
        ...Object.fromEntries(
          ["A Cat", "A Dog"].map((name) => [name, {
            allOf: [
              { $ref: "#/components/schemas/A%20Pet" },
              { type: "object", properties: { [name]: { type: "integer" } } },
            ],
          }]),
        ),
      },
    },
  });
  const { operations, types } = load(result);
  expect([operations?.["a"], operations?.["b"]]).toEqual([
    { get: "/a", result: "PagePet" },
    { get: "/b", result: "PagePet" },
  ]);
  expect(Object.keys(types ?? {})).toEqual(["ACat", "ADog", "APet", "APetBase", "PagePet"]);
  expect(result.report.losses).toEqual([]);
});
