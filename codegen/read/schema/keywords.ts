/** The JSON Schema keywords, and the types they apply to. */

export type TypeName = "string" | "number" | "integer" | "boolean" | "null" | "array" | "object";

export const TYPE_NAMES: readonly TypeName[] = [
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
];

export const COMMON_KEYWORDS: readonly string[] = [
  "$ref",
  "type",
  "title",
  "description",
  "default",
  "example",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "nullable",
  "enum",
  "enumDescriptions",
  "open",
  "const",
  "allOf",
  "oneOf",
  "anyOf",
  "discriminator",
  "$comment",
];

const NUMBER = [
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "format",
];

export const TYPED_KEYWORDS: Readonly<Record<TypeName, readonly string[]>> = {
  string: ["minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"],
  number: NUMBER,
  integer: [...NUMBER, "as"],
  boolean: [],
  null: [],
  array: ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"],
  object: [
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
  ],
};

export const SCHEMA_KEYWORDS: readonly string[] = [
  ...new Set([...COMMON_KEYWORDS, ...Object.values(TYPED_KEYWORDS).flat()]),
];

/** Types that a keyword applies to. */
export function typesOf(keyword: string): TypeName[] {
  return TYPE_NAMES.filter((type) => TYPED_KEYWORDS[type].includes(keyword));
}
