/** Streams whose schema describes an event with its fields, as documents before OpenAPI 3.2 do, or its data. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { importOpenApi } from "../../../codegen/import/openapi/mod.ts";

function streamOf(schema: unknown, schemas: object = {}): unknown {
  const { yaml } = importOpenApi({
    openapi: "3.1.0",
    info: { title: "Events", version: "1" },
    servers: [{ url: "https://events.example.com" }],
    paths: {
      "/events": {
        get: {
          operationId: "watch",
          responses: { "200": { description: "ok", content: { "text/event-stream": { schema } } } },
        },
      },
    },
    components: { schemas },
  });
  return (parse(yaml) as { operations: { watch: { stream: unknown } } }).operations.watch.stream;
}

const data = { type: "object", properties: { text: { type: "string" } } };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

describe("fields of an event", () => {
  test("are told from data: an item is what `data` holds", () => {
    const fields = { id: { type: "string" }, event: { type: "string" }, data: ref("Piece") };
    const schema = { type: "object", properties: fields };
    const item = { format: "sse", item: "Piece" };
    expect(streamOf(schema, { Piece: data })).toEqual(item);
    // The list of all of them.
    expect(streamOf({ type: "array", items: schema }, { Piece: data })).toEqual(item);
  });

  test("of several kinds have names, and may mark the end", () => {
    const kind = (name: string, value: unknown) => ({
      type: "object",
      properties: { event: { const: name }, data: value },
    });
    const schema = { oneOf: [{ anyOf: [kind("piece", ref("Piece"))] }, ref("Rest")] };
    const schemas = {
      Piece: data,
      Rest: { oneOf: [kind("done", { const: "[DONE]" }), kind("error", ref("Piece"))] },
    };
    expect(streamOf(schema, schemas)).toEqual({
      format: "sse",
      item: "Piece",
      events: ["piece"],
      done: { event: "done" },
    });
  });

  test("are not what an object is made of that has other properties, or only `data`", () => {
    const more = { event: { type: "string" }, data, total: { type: "integer" } };
    for (const properties of [more, { data }]) {
      expect(streamOf({ type: "object", properties })).toMatchObject({
        item: { properties: { data: { type: "object" } } },
      });
    }
  });
});
