/** Names for very frequent schemas: `url: uri` instead of three lines. */
import type { Literal } from "../literal.ts";

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

/** Undefined: the schema says more than a type and a format. */
export function plainName(schema: { readonly [key: string]: Literal }): string | undefined {
  for (const key in schema) if (key !== "type" && key !== "format") return undefined;
  const { type, format } = schema;
  const isNullable = Array.isArray(type) && type.length === 2 && type[1] === "null";
  const base: unknown = isNullable ? type[0] : type;
  if (typeof base !== "string") return undefined;
  const name = PLAIN[format === undefined ? base : `${base} ${String(format)}`];
  return name !== undefined && isNullable ? `${name}OrNull` : name;
}
