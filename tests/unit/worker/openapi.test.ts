import { describe, expect, test } from "bun:test";
import { openApiDocument } from "../../../src/worker/mod.ts";
import { testConnector } from "./support.ts";

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Every reference, wherever it stands outside of data. */
function references(value: unknown, found: string[] = []): string[] {
  if (Array.isArray(value)) { for (const item of value) references(item, found); }
  else if (isNode(value)) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === "$ref" && typeof inner === "string") found.push(inner);
      else if (key !== "default" && key !== "examples") references(inner, found);
    }
  }
  return found;
}

function resolve(document: unknown, reference: string): unknown {
  return reference.slice(2).split("/").reduce<unknown>(
    (at, key) => isNode(at) ? at[key] : undefined,
    document,
  );
}

describe("the OpenAPI document", () => {
  const document = openApiDocument("Title", "1.0.0", [
    testConnector({}),
    testConnector({}, "other"),
  ]);

  test("has every operation of every connector, with ids of their own", () => {
    const paths = document["paths"] as Node;
    expect(Object.keys(paths)).toContain("/connectors/notes/notes.create");
    expect(Object.keys(paths)).toContain("/connectors/other/notes.create");
    const ids = Object.values(paths).flatMap((item) => Object.values(item as Node)).filter(isNode)
      .map((one) => one["operationId"]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("declares every tag that it uses, once", () => {
    const declared = (document["tags"] as { name: string }[]).map(({ name }) => name);
    const used = Object.values(document["paths"] as Node).flatMap((item) =>
      Object.values(item as Node).filter(isNode).flatMap((one) => one["tags"] as string[])
    );
    expect(declared).toEqual(["service", "notes", "other"]);
    expect([...new Set(used)].toSorted()).toEqual(declared.toSorted());
  });

  test("has no reference that leads nowhere", () => {
    const found = references(document);
    expect(found).toContain("#/components/schemas/notes.Note");
    expect(found).toContain("#/components/schemas/other.Piece");
    for (const reference of found) {
      expect([reference, typeof resolve(document, reference)]).toEqual([reference, "object"]);
    }
  });

  test("leaves references inside of data alone", () => {
    expect(resolve(document, "#/components/schemas/notes.Note/default")).toEqual({
      $ref: "#/$defs/Data",
    });
  });

  test("tells of streams, required inputs, examples, deprecation and failures", () => {
    const paths = document["paths"] as Record<string, { post: Node }>;
    const post = paths["/connectors/notes/notes.create"]?.post ?? {};
    expect(resolve(post, "#/requestBody/required")).toBe(true);
    const content = resolve(post, "#/responses/200/content") as Node;
    expect(Object.keys(content)).toEqual([
      "application/json",
      "text/event-stream",
      "application/x-ndjson",
    ]);
    expect(JSON.stringify(content)).toContain("when stream is true");
    expect(JSON.stringify(post["requestBody"])).toContain(
      '"examples":{"short":{"value":{"text":"</script>"}}}',
    );
    expect(Object.keys(post["responses"] as Node)).toEqual([
      ...["200", "400", "401", "403", "409", "415", "422", "429", "502", "503", "504"],
    ]);
    const gone = paths["/connectors/notes/notes.delete"];
    expect(gone?.post["deprecated"]).toBe(true);
    expect(resolve(gone?.post, "#/requestBody/required")).toBe(false);
  });

  test("describes the items of streams in 3.2", () => {
    const newer = openApiDocument("Title", "1.0.0", [testConnector({})], { version: "3.2" });
    expect([document["openapi"], newer["openapi"]]).toEqual(["3.1.1", "3.2.0"]);
    const paths = newer["paths"] as Record<string, { post: Node }>;
    const content = resolve(
      paths["/connectors/notes/notes.create"]?.post,
      "#/responses/200/content",
    ) as Record<string, Node>;
    const item = { $ref: "#/components/schemas/notes.Piece" };
    expect(content["application/x-ndjson"]?.["itemSchema"]).toMatchObject({ allOf: [item] });
    expect(content["text/event-stream"]?.["itemSchema"]).toMatchObject({
      properties: { data: { contentSchema: item } },
    });
  });

  test("has what the caller may use, and nothing of a connector without any of it", () => {
    const part = openApiDocument(
      "Title",
      "1.0.0",
      [testConnector({}), testConnector({}, "other")],
      {
        includes: (connector, { id }) => connector === "notes" && id === "notes.list",
      },
    );
    const called = Object.keys(part["paths"] as Node).filter((path) => path.includes("notes."));
    expect(called).toEqual(["/connectors/notes/notes.list"]);
    expect(JSON.stringify(part)).not.toContain("other.");
  });

  test("moves references of properties that are called like keywords, and drops a tag that may be missing", () => {
    const note = { $ref: "#/$defs/Note" };
    const discriminator = { propertyName: "kind", mapping: { a: "#/$defs/A" } };
    const branch = { type: "object", properties: { kind: { const: "a" } } } as const;
    const known = openApiDocument("Title", "1.0.0", [{
      ...testConnector({}),
      types: {
        Note: { type: "object", properties: { default: note, enum: note, example: note } },
        A: { ...branch, required: ["kind"] },
        Tagged: { oneOf: [{ $ref: "#/$defs/A" }], discriminator },
        Loose: { oneOf: [branch], discriminator },
        Piece: {},
      },
    }]);
    const moved = { $ref: "#/components/schemas/notes.Note" };
    const schemas = resolve(known, "#/components/schemas") as Record<string, Node>;
    expect(schemas["notes.Note"]?.["properties"]).toEqual({
      default: moved,
      enum: moved,
      example: moved,
    });
    expect(schemas["notes.Tagged"]?.["discriminator"]).toEqual({
      propertyName: "kind",
      mapping: { a: "#/components/schemas/notes.A" },
    });
    expect(Object.keys(schemas["notes.Loose"] ?? {})).toEqual(["oneOf"]);
  });
});
