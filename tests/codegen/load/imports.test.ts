import { describe, expect, test } from "bun:test";
import { formatDiagnostics } from "../../../codegen/read/report/format.ts";
import { loadConnector } from "../../../codegen/load_connector.ts";
import type { LoadIo } from "../../../codegen/load/io.ts";
import { memoryIo } from "../../../tools/diagnostic_cases.ts";

const HEAD =
  "connector: 1\nid: demo\nversion: 1.0.0\nservers: { default: https://api.example.com }\n";

const OPENAPI = JSON.stringify({
  components: {
    schemas: {
      "pet-item": {
        type: "object",
        required: ["id", "owner"],
        properties: {
          id: { type: "integer", "x-go-name": "ID" },
          owner: { $ref: "#/components/schemas/user" },
          tags: { type: "array", items: { $ref: "#/definitions/tag" } },
        },
      },
      user: { type: "object", properties: { name: { type: "string", nullable: true } } },
      never: { type: "string" },
    },
  },
  definitions: { tag: { type: "string" } },
});

function io(files: Record<string, string>): LoadIo {
  return memoryIo(new Map(Object.entries(files)));
}

function load(files: Record<string, string>): ReturnType<typeof loadConnector> {
  const result = loadConnector("connector.yaml", io(files));
  expect(formatDiagnostics(result.diagnostics)).toBe("");
  return result;
}

describe("$import", () => {
  test("brings the types of an OpenAPI document, as far as they are used", () => {
    const { model } = load({
      "connector.yaml": `${HEAD}operations: { pets.get: { get: /pet, result: PetItem } }
types: { $import: "./api.json#/components/schemas" }
`,
      "api.json": OPENAPI,
    });
    expect(model?.types.map((type) => type.name)).toEqual(["PetItem", "User", "Tag"]);
    expect(model?.files).toEqual(["connector.yaml", "api.json"]);
  });

  test("own types and keys go before imported ones; null removes", () => {
    const { model } = load({
      "connector.yaml": `${HEAD}operations: { pets.get: { get: /pet, result: PetItem } }
types:
  PetItem:
    $import: ./api.json#/components/schemas/pet-item
    description: A pet.
    properties: { tags: null, age: integer }
    required: [id]
  User: { type: string } # vastar-ignore VC2201: only the imported one is used
`,
      "api.json": OPENAPI,
    });
    const pet = model?.types.find((type) => type.name === "PetItem")?.schema;
    expect(pet).toMatchObject({ kind: "object", doc: "A pet." });
    const properties = pet?.kind === "object" ? pet.properties : [];
    expect(properties.map((one) => `${one.name}${one.required ? "" : "?"}`)).toEqual([
      "id",
      "owner?",
      "age?",
    ]);
    expect(properties[1]?.schema).toEqual({ kind: "ref", name: "User2" });
  });

  test("splits a spec into files", () => {
    const { model } = load({
      "connector.yaml": `${HEAD}operations: { $import: ./operations.yaml }\n`,
      "operations.yaml": "items.get: { get: /item }\nitems.list: { get: /items }\n",
    });
    expect(model?.operations.map((one) => one.id)).toEqual(["items.get", "items.list"]);
    expect(model?.operations[1]?.at).toEqual({ file: "operations.yaml", line: 2, column: 1 });
  });

  test("a changed import is a changed spec", () => {
    const hash = (tag: string): string | undefined =>
      load({
        "connector.yaml":
          `${HEAD}operations: { a: { get: /a, result: Tag } }\ntypes: { Tag: { $import: ./t.json } }\n`,
        "t.json": `{ "type": "string", "description": "${tag}" }`,
      }).model?.specHash;
    expect(hash("one")).toBe(hash("one"));
    expect(hash("one")).not.toBe(hash("two"));
  });
});

describe("the overlay", () => {
  const spec = `${HEAD}operations:
  items.get: { get: /item, summary: Old., result: Item }
  items.drop: { delete: /item }
types: { Item: { type: object, properties: { id: string } } }
`;

  test("is laid over the spec, key by key", () => {
    const { model } = load({
      "connector.yaml": spec,
      "connector.overlay.yaml": `auth: { type: bearer, token: "\${config.token}" }
config: { token: { type: string, secret: true } }
operations:
  items.get: { summary: New. }
  items.drop: null
types: { Item: { properties: { name: string } } }
`,
    });
    expect(model?.operations.map((one) => `${one.id} ${one.summary}`)).toEqual(["items.get New."]);
    expect(model?.auth[0]?.type).toBe("bearer");
    const item = model?.types[0]?.schema;
    expect(item?.kind === "object" ? item.properties.map((one) => one.name) : []).toEqual([
      "id",
      "name",
    ]);
  });

  test("is blamed for its own mistakes", () => {
    const files = {
      "connector.yaml": spec,
      "connector.overlay.yaml": "operations:\n  items.get: { sumary: New. }\n",
    };
    const { diagnostics } = loadConnector("connector.yaml", io(files));
    expect(
      diagnostics.map((one) => `${one.file}:${one.line}:${one.column} ${one.code} ${one.help}`),
    ).toEqual([
      "connector.overlay.yaml:2:16 VC1102 Did you mean `summary`?",
    ]);
  });
});
