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
    expect(Object.keys(content)).toEqual(["application/json", "text/event-stream"]);
    expect(JSON.stringify(content)).toContain("when stream is true");
    expect(JSON.stringify(post["requestBody"])).toContain(
      '"examples":{"short":{"value":{"text":"</script>"}}}',
    );
    expect(Object.keys(post["responses"] as Node)).toEqual([
      "200",
      "400",
      "415",
      "429",
      "502",
      "503",
      "504",
    ]);
    const gone = paths["/connectors/notes/notes.delete"];
    expect(gone?.post["deprecated"]).toBe(true);
    expect(resolve(gone?.post, "#/requestBody/required")).toBe(false);
  });
});
