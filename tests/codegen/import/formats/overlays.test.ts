/** Overlays of OpenAPI, applied to a document before it is imported. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import {
  importOpenApi,
  type Loss,
  OpenApiDocument,
} from "../../../../codegen/import/openapi/mod.ts";

const DOCUMENT = `
openapi: 3.1.0
info: { title: Shop, version: "1" }
servers: [{ url: https://shop.example.com }]
tags: [{ name: internal }, { name: items }]
paths:
  /items:
    get:
      operationId: listItems
      parameters: [{ name: page, in: query, schema: { type: integer } }, { name: debug, in: query, schema: { type: boolean } }]
      responses: { "204": { description: none } }
    post: { operationId: addItem, tags: [internal], responses: { "204": { description: done } } }
  /old: { get: { operationId: old, deprecated: true, responses: { "204": { description: none } } } }
`;

async function applied(...actions: string[]): Promise<{ root: unknown; losses: readonly Loss[] }> {
  const overlay = (version: string): string =>
    `overlay: ${version}\ninfo: { title: T, version: "1" }\nactions:\n${
      actions.map((one) => `  - ${one}\n`).join("")
    }`;
  const file = { path: "shop.overlay.yaml", text: overlay("1.1.0") };
  return OpenApiDocument.read(DOCUMENT, [file]);
}

describe("actions", () => {
  test("update merges mappings, appends to lists and replaces single values", async () => {
    const document = await applied(
      "{ target: $, update: { info: { description: Sells things. }, tags: [{ name: more }] } }",
      "{ target: '$.paths[*][?@.operationId == \"listItems\"].parameters', update: { name: size, in: query, schema: { type: integer } } }",
      "{ target: $.info.title, update: Store }",
    );
    const { yaml, report } = importOpenApi(document);
    expect(parse(yaml)).toMatchObject({
      id: "store",
      title: "Store",
      description: "Sells things.",
      operations: { listItems: { input: { page: {}, debug: {}, size: { type: "integer" } } } },
    });
    expect(document.root).toMatchObject({ tags: [{}, {}, { name: "more" }] });
    expect(report.losses).toEqual([]);
  });

  test("remove takes out mappings and items of lists, and wins over update", async () => {
    const { root } = await applied(
      "{ target: '$.paths[?@.get.deprecated == true]', remove: true, update: { x: 1 } }",
      '{ target: \'$.paths[*][*].parameters[?@.name == "page" || @.name == "debug"]\', remove: true }',
    );
    expect(root).toMatchObject({ paths: { "/items": { get: { parameters: [] } } } });
    expect(Object.keys((root as { paths: object }).paths)).toEqual(["/items"]);
  });

  test("a place that is selected in another order, or twice, is changed once, and so are the others", async () => {
    const { root } = await applied(
      "{ target: '$.paths[\"/items\"].get.parameters[0, 0].schema', update: { enum: [1] } }",
      "{ target: '$.tags[1, 0, 1]', remove: true }",
      "{ target: '$.tags', update: [{ name: a }, { name: b }, { name: c }] }",
      "{ target: '$.tags[::-2]', remove: true }",
    );
    expect(root).toMatchObject({
      tags: [{ name: "b" }],
      paths: { "/items": { get: { parameters: [{ schema: { enum: [1] } }, {}] } } },
    });
  });

  test("what an alias stands for is changed where the path leads, and nowhere else", async () => {
    const shared = DOCUMENT.replace(
      '"204": { description: none } }\n    post',
      '"204": &none { description: none }, "205": *none }\n    post',
    );
    const text = `overlay: 1.1.0
actions: [{ target: '$.paths["/items"].get.responses["205"].description', update: other }]`;
    const { root } = await OpenApiDocument.read(shared, [{ path: "o.yaml", text }]);
    expect(root).toMatchObject({
      paths: { "/items": { get: { responses: { 204: { description: "none" } } } } },
    });
    await expect(OpenApiDocument.read(`${DOCUMENT}\nx-a: &a { b: [*a] }`)).rejects.toThrow(
      "An alias is within what it stands for.",
    );
  });

  test("copy takes what to merge from another place", async () => {
    const { root } = await applied(
      "{ target: $.paths, update: { /copies: { get: {} } } }",
      "{ target: '$.paths[\"/copies\"].get', copy: '$.paths[\"/items\"].get' }",
      "{ target: '$.paths[\"/copies\"].get', update: { operationId: listCopies } }",
    );
    const list = { parameters: [{ name: "page" }, { name: "debug" }] };
    expect(root).toMatchObject({
      paths: {
        "/items": { get: { operationId: "listItems", ...list } },
        "/copies": { get: { operationId: "listCopies", ...list } },
      },
    });
  });

  test("of 1.2 are defined once and used in several places", async () => {
    const text = `
overlay: 1.2.0
info: { title: T, version: "1" }
actions:
  - { target: "$.paths[*].get", $ref: "#/components/actions/mark" }
components: { actions: { mark: { fields: { update: { summary: Reads. } } } } }
`;
    const document = await OpenApiDocument.read(DOCUMENT, [{ path: "o.yaml", text }]);
    const { operations } = parse(importOpenApi(document).yaml) as { operations: object };
    expect(operations).toMatchObject({
      listItems: { summary: "Reads." },
      old: { summary: "Reads." },
    });
  });

  test("that select nothing are reported", async () => {
    const document = await applied("{ target: $.paths.*.put, remove: true }");
    expect(importOpenApi(document).report.losses).toEqual([{
      kind: "overlay",
      where: "shop.overlay.yaml:4",
      message: "`$.paths.*.put`: it selects nothing.",
    }]);
  });
});

describe("mistakes", () => {
  async function refused(...actions: string[]): Promise<string> {
    return applied(...actions).then(() => "", (error: Error) => error.message);
  }

  test("name file, place and target, all of them at once", async () => {
    const message = await refused(
      "{ target: '$.paths[', remove: true }",
      "{ target: $.info, update: 3 }",
      "{ target: $.info.title, update: { a: 1 } }",
      "{ target: $.info }",
      "{ target: $.info, copy: $.paths.*.get }",
      "{ target: $, remove: true }",
      "{ remove: true }",
      "{ target: $.info, $ref: '#/components/actions/gone' }",
    );
    expect(message.split("\n").map((line) => line.replace(/(not a JSONPath): .*/, "$1"))).toEqual([
      "shop.overlay.yaml:4:5: `$.paths[`: not a JSONPath",
      "shop.overlay.yaml:5:5: `$.info`: it selects a mapping, so `update` has to be one",
      "shop.overlay.yaml:6:5: `$.info.title`: it selects a single value, so `update` has to be one",
      "shop.overlay.yaml:7:5: `$.info`: it has none of `update`, `remove` and `copy`",
      "shop.overlay.yaml:8:5: `$.info`: `copy` selects 2 places, not one: $.paths.*.get",
      "shop.overlay.yaml:9:5: `$`: the whole document cannot be removed",
      "shop.overlay.yaml:10:5: The action has no `target`.",
      "shop.overlay.yaml:11:5: `$.info`: there is no `#/components/actions/gone`",
    ]);
  });

  test("of the file itself", async () => {
    const read = async (text: string): Promise<string> =>
      OpenApiDocument.read(DOCUMENT, [{ path: "o.yaml", text }]).then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await read("overlay: 2.0.0\nactions: []")).toBe(
      "o.yaml:1:1: It is 2.0.0: Overlays 1.0 to 1.2 are read.",
    );
    expect(await read("actions: []")).toContain("It has no `overlay`");
    expect(await read("overlay: 1.0.0")).toContain("It has no list of `actions`.");
    expect(await read("overlay: 1.0.0\nactions: [")).toContain("o.yaml:2:");
  });
});
