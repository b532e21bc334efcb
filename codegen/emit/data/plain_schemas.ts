/** Names for very frequent schemas: `url: uri` instead of three lines. */
import { Code, type Literal } from "../literal.ts";

const TYPES = ["string", "integer", "number", "boolean"];
const FORMATS = [["uri", "uri"], ["date-time", "dateTime"], ["uuid", "uuid"]] as const;

const PLAIN: ReadonlyMap<string, string> = new Map(
  [
    ...TYPES.map((type) => [{ type }, type] as const),
    ...FORMATS.map(([format, name]) => [{ type: "string", format }, name] as const),
  ].flatMap(([schema, name]) => [
    [JSON.stringify(schema), name],
    [JSON.stringify({ ...schema, type: [schema.type, "null"] }), `${name}OrNull`],
  ]),
);

/** `declared`: the declarations that the file needs, by name. */
export function withPlainSchemas(schema: Literal, declared: Map<string, Literal>): Literal {
  if (typeof schema !== "object" || schema === null || schema instanceof Code) return schema;
  if (Array.isArray(schema)) {
    return (schema as readonly Literal[]).map((item) => withPlainSchemas(item, declared));
  }
  const name = PLAIN.get(JSON.stringify(schema));
  if (name !== undefined) {
    declared.set(name, schema);
    return new Code(name);
  }
  return Object.fromEntries(
    Object.entries(schema).map((
      [key, part],
    ) => [key, isData(key) ? part : withPlainSchemas(part, declared)]),
  );
}

/** Values of the API, which may look like a schema. */
function isData(keyword: string): boolean {
  return ["const", "default", "enum", "examples"].includes(keyword);
}
