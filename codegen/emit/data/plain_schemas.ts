/** Names for very frequent schemas: `url: uri` instead of three lines. */
import { Code, type Literal } from "../literal.ts";

/** By the type, and the format where there is one. */
const PLAIN: Readonly<Record<string, string>> = {
  string: "string",
  integer: "integer",
  number: "number",
  boolean: "boolean",
  "string uri": "uri",
  "string date-time": "dateTime",
  "string uuid": "uuid",
};

/** `declared`: the declarations that the file needs, by name. */
export function withPlainSchemas(schema: Literal, declared: Map<string, Literal>): Literal {
  if (typeof schema !== "object" || schema === null || schema instanceof Code) return schema;
  if (Array.isArray(schema)) {
    return (schema as readonly Literal[]).map((item) => withPlainSchemas(item, declared));
  }
  const name = plainName(schema as { readonly [key: string]: Literal });
  if (name !== undefined) {
    declared.set(name, schema);
    return new Code(name);
  }
  const named: Record<string, Literal> = Object.create(null);
  for (const [key, part] of Object.entries(schema)) {
    named[key] = isData(key) ? part : withPlainSchemas(part, declared);
  }
  return named;
}

/** Undefined: the schema says more than a type and a format. */
function plainName(schema: { readonly [key: string]: Literal }): string | undefined {
  const { type, format, ...more } = schema;
  for (const _ in more) return undefined;
  const isNullable = Array.isArray(type) && type.length === 2 && type[1] === "null";
  const base: unknown = isNullable ? type[0] : type;
  if (typeof base !== "string") return undefined;
  const name = PLAIN[format === undefined ? base : `${base} ${String(format)}`];
  return name !== undefined && isNullable ? `${name}OrNull` : name;
}

const DATA: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);

/** Values of the API, which may look like a schema. */
function isData(keyword: string): boolean {
  return DATA.has(keyword);
}
