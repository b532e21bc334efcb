/** Inputs made from schemas: everything that may be given is given, as small as it may be. */
import type { JsonSchema } from "../../src/connector/definition/definition.ts";

type Types = Readonly<Record<string, JsonSchema>>;
type Schema = { readonly [key: string]: unknown };

/** Below this only what must be there is. */
const MOST_DEPTH = 5;
const END = 14;

const FORMATS: Readonly<Record<string, string>> = {
  date: "2024-02-29",
  "date-time": "2024-02-29T12:30:00Z",
  time: "12:30:00Z",
  duration: "P1D",
  email: "a@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/a",
  "uri-reference": "/a",
  uuid: "f81d4fae-7dec-41d0-8765-00a0c91e6bf6",
  byte: "aGk=",
};

/** Tried in order for a pattern. */
const TEXTS = [
  "a",
  "A",
  "1",
  "abc",
  "ABC",
  "123",
  "a-b",
  "a_1",
  "1.2.3",
  "abcdefgh",
  "12345678",
  "#a1b2c3",
];

const SHAPING = ["type", "properties", "required", "oneOf", "anyOf", "enum", "const", "$ref"];

/** Undefined: no value could be made that is known to fit. */
export function inputFor(schema: unknown, types: Types): unknown {
  return make(schema, types, 0);
}

function make(given: unknown, types: Types, depth: number): unknown {
  if (typeof given !== "object" || given === null) return given === false ? undefined : "a";
  const schema = given as Schema;
  const ref = schema["$ref"];
  if (typeof ref === "string") return make(types[nameOf(ref)], types, depth + 1);
  if ("const" in schema) return schema["const"];
  if (Array.isArray(schema["enum"])) return schema["enum"][0];
  if (depth > END) return undefined;
  const parts = schema["allOf"];
  if (Array.isArray(parts)) {
    const { allOf: _, ...rest } = schema;
    // A description beside it says nothing about the value.
    const all = [...parts, ...(SHAPING.some((key) => key in rest) ? [rest] : [])].map((part) =>
      make(part, types, depth + 1)
    );
    return all.every(isRecord)
      ? Object.assign({}, ...all) as unknown
      : all.find((one) => one !== "a") ?? all[0];
  }
  const members = schema["oneOf"] ?? schema["anyOf"];
  if (Array.isArray(members)) return member(schema, members, types, depth);
  return typed(schema, types, depth);
}

function member(schema: Schema, members: readonly unknown[], types: Types, depth: number): unknown {
  for (const one of members) {
    const value = make(one, types, depth + 1);
    if (value === undefined || value === null) continue;
    const discriminator = schema["discriminator"] as {
      propertyName: string;
      mapping?: Record<string, string>;
    } | undefined;
    if (!isRecord(value) || discriminator === undefined) return value;
    const ref = (one as Schema)["$ref"];
    const tag = Object.entries(discriminator.mapping ?? {}).find(([, target]) => target === ref)
      ?.[0];
    return tag === undefined ? value : { ...value, [discriminator.propertyName]: tag };
  }
  return undefined;
}

function typed(schema: Schema, types: Types, depth: number): unknown {
  const type = Array.isArray(schema["type"])
    ? schema["type"].find((one) => one !== "null")
    : schema["type"];
  switch (type) {
    case "string":
      return textFor(schema);
    case "integer":
    case "number":
      return numberFor(schema, type === "integer");
    case "boolean":
      return true;
    case "null":
      return null;
    case "array":
      return listFor(schema, types, depth);
    case "object":
      return objectFor(schema, types, depth);
    default:
      return isRecord(schema["properties"]) ? objectFor(schema, types, depth) : "a";
  }
}

function textFor(schema: Schema): string | undefined {
  const { minLength = 0, maxLength = Infinity } = schema as {
    minLength?: number;
    maxLength?: number;
  };
  const pattern = typeof schema["pattern"] === "string"
    ? new RegExp(schema["pattern"], "u")
    : undefined;
  const format = FORMATS[String(schema["format"])];
  const all = [...(format === undefined ? TEXTS : [format]), "a".repeat(Math.max(1, minLength))];
  return all.find((one) =>
    one.length >= minLength && one.length <= maxLength && (pattern?.test(one) ?? true)
  );
}

function numberFor(schema: Schema, whole: boolean): number {
  const { minimum, exclusiveMinimum, maximum, multipleOf } = schema as {
    [key: string]: number | undefined;
  };
  const low = minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1);
  const value = low ?? (maximum !== undefined && maximum < 1 ? maximum : 1);
  const step = multipleOf ?? (whole ? 1 : undefined);
  return step === undefined ? value : Math.ceil(value / step) * step;
}

function listFor(schema: Schema, types: Types, depth: number): unknown {
  const { minItems = 1, maxItems = Infinity } = schema as { minItems?: number; maxItems?: number };
  const tuple = schema["prefixItems"];
  if (Array.isArray(tuple)) return tuple.map((one) => make(one, types, depth + 1));
  if (maxItems === 0) return [];
  const item = make(schema["items"] ?? true, types, depth + 1);
  if (item === undefined) return minItems <= 1 ? [] : undefined;
  // Of one item nobody could tell a list from a single value.
  const usual = schema["uniqueItems"] === true ? 1 : 2;
  const length = Math.min(Math.max(usual, minItems), maxItems, 50);
  return Array.from({ length }, () => item);
}

function objectFor(schema: Schema, types: Types, depth: number): unknown {
  const required = new Set((schema["required"] as string[] | undefined) ?? []);
  const value: Record<string, unknown> = {};
  for (const [name, one] of Object.entries((schema["properties"] ?? {}) as Schema)) {
    const property = one as Schema;
    if (property["readOnly"] === true) continue;
    const made = depth >= MOST_DEPTH && !required.has(name)
      ? undefined
      : make(property, types, depth + 1);
    if (made !== undefined) value[name] = made;
    else if (required.has(name)) return undefined;
  }
  const more = schema["additionalProperties"];
  if (Object.keys(value).length === 0 && isRecord(more)) {
    const made = make(more, types, depth + 1);
    if (made !== undefined) value["key"] = made;
  }
  return value;
}

function nameOf(ref: string): string {
  return ref.replace(/^#\/\$defs\//, "");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
