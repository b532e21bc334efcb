/** The schema that values suggest. */
import type { Json } from "../../core/json.ts";

/** A schema, or what becomes `unknown`: so far only nulls, no item of a list at all, or values that have nothing in common. */
export type Inferred = { readonly [keyword: string]: Json };

const NULL = "null";
const NONE = "none";
const MIXED = "mixed";
const UNKNOWN: ReadonlySet<Json | undefined> = new Set([NULL, NONE, MIXED]);

export function infer(value: Json): Inferred {
  if (value === null) return { type: NULL };
  if (Array.isArray(value)) {
    return { type: "array", items: value.map(infer).reduce(together, { type: NONE }) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (typeof value !== "object") return { type: typeof value };
  const properties = Object.entries(value).map(([name, one]) => [name, infer(one)]);
  return { type: "object", properties: Object.fromEntries(properties) as Json };
}

/** What both suggest. */
export function together(a: Inferred, b: Inferred): Inferred {
  const [one, other] = [a["type"], b["type"]];
  if (one === NONE || other === MIXED) return b;
  if (other === NONE || one === MIXED) return a;
  if (one === NULL) return other === NULL ? b : { ...b, nullable: true };
  if (other === NULL) return { ...a, nullable: true };
  const nullable = a["nullable"] === true || b["nullable"] === true ? { nullable: true } : {};
  if (one !== other) {
    const numeric = [one, other].every((type) => type === "integer" || type === "number");
    return numeric ? { type: "number", ...nullable } : { type: MIXED };
  }
  if (one === "array") {
    const items = together(a["items"] as Inferred, b["items"] as Inferred);
    return { type: "array", items, ...nullable };
  }
  if (one !== "object") return { ...a, ...nullable };
  const properties = new Map(Object.entries(a["properties"] as Record<string, Inferred>));
  for (const [name, found] of Object.entries(b["properties"] as Record<string, Inferred>)) {
    const before = properties.get(name);
    properties.set(name, before === undefined ? found : together(before, found));
  }
  return { type: "object", properties: Object.fromEntries(properties), ...nullable };
}

/** As a spec has it. */
export function toSchema({ type = null, items, properties, ...others }: Inferred): Json {
  if (UNKNOWN.has(type)) return "unknown";
  if (items !== undefined) return { type, items: toSchema(items as Inferred), ...others };
  if (properties === undefined) return { type, ...others };
  const inner = Object.entries(properties as Record<string, Inferred>)
    .map(([name, one]) => [name, toSchema(one)]);
  return { type, properties: Object.fromEntries(inner) as Json, ...others };
}
