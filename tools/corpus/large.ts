/**
 * Documents that are too large to keep: `bun tools/corpus/large.ts DIR [OPERATIONS]` writes `many.json` (22,000 operations are 47 MB),
 * the same with half and a quarter of the operations, and `anchors.yaml`, which is long, has anchors and stands where older tools
 * let it stand. `bun tools/corpus.ts DIR` then shows what they cost.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [folder = "large", count = "22000"] = process.argv.slice(2);

function document(operations: number): object {
  const paths: Record<string, object> = {};
  const schemas: Record<string, object> = {
    Problem: { type: "object", properties: { message: { type: "string" } } },
  };
  const prose =
    "What it does is said in a sentence or two, as in most documents, and goes into the documentation. ";
  for (let n = 0; n < operations; n += 2) {
    const name = `Thing${n}`;
    schemas[name] = {
      type: "object",
      description: prose.repeat(2),
      required: ["id", "kind"],
      properties: {
        id: { type: "string", readOnly: true, description: prose },
        kind: { type: "string", enum: ["one", "two", `kind-${n}`], description: prose },
        count: { type: "integer", format: "int32", minimum: 0, description: prose },
        tags: { type: "array", items: { type: "string" }, description: prose },
        next: {
          anyOf: [{ $ref: `#/components/schemas/Thing${(n + 2) % operations}` }, { type: "null" }],
        },
        made: { type: "string", format: "date-time", description: prose },
        labels: { type: "object", additionalProperties: { type: "string" } },
      },
    };
    const json = (schema: object): object => ({ "application/json": { schema } });
    const responses = {
      200: { description: "It.", content: json({ $ref: `#/components/schemas/${name}` }) },
      default: { description: "No.", content: json({ $ref: "#/components/schemas/Problem" }) },
    };
    const tags = [`area${n % 97}`];
    paths[`/areas/${n % 97}/things${n}/{id}`] = {
      parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
      get: {
        operationId: `getThing${n}`,
        tags,
        summary: `Reads thing ${n}.`,
        description: prose.repeat(3),
        parameters: [
          {
            name: "fields",
            in: "query",
            description: prose,
            schema: { type: "array", items: { type: "string" } },
          },
          { name: "limit", in: "query", description: prose, schema: { type: "integer" } },
        ],
        responses,
      },
      patch: {
        operationId: `updateThing${n}`,
        tags,
        summary: `Changes thing ${n}.`,
        description: prose.repeat(3),
        requestBody: { required: true, content: json({ $ref: `#/components/schemas/${name}` }) },
        responses,
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: { title: `Large ${operations}`, version: "1" },
    servers: [{ url: "https://large.example.com" }],
    paths,
    components: { schemas },
  };
}

function anchored(operations: number): string {
  const lines = [
    "openapi: 3.0.3",
    'info: { title: "Anchored',
    'document", version: "1" }',
    "servers: [{ url: https://anchored.example.com }]",
    "x-common: &common",
    "  parameters: [{ name: trace, in: header, schema: { type: string } }]",
    "  responses: &responses {",
    "  '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }",
    "}",
    "paths:",
  ];
  for (let n = 0; n < operations; n++) {
    lines.push(
      `  /things/${n}:`,
      "    get:",
      "      <<: *common",
      `      operationId: thing${n}`,
      "      description: >",
    );
    for (let line = 0; line < 12; line++) {
      lines.push(
        "        Lines of prose, which make such documents long, but neither wide nor deep.",
      );
    }
  }
  lines.push(
    "components: { schemas: { Thing: { type: object, properties: { id: { type: string } } } } }",
  );
  return `${lines.join("\n")}\n`;
}

mkdirSync(folder, { recursive: true });
const most = Number(count);
for (
  const [name, operations] of [["many", most], ["half", most / 2], ["quarter", most / 4]] as const
) {
  writeFileSync(
    join(folder, `${name}.json`),
    JSON.stringify(document(Math.round(operations)), null, 2),
  );
}
writeFileSync(join(folder, "anchors.yaml"), anchored(most / 4));
