/** The schema that values suggest. */
import type { Json } from "../../core/json.ts";

export type Parts = { readonly [keyword: string]: Json };

/** Of null, and of lists without items, of which nothing else is known yet. */
const UNKNOWN = "unknown";

export function inferSchema(value: Json): Parts {
  if (value === null) return { type: UNKNOWN };
  if (Array.isArray(value)) {
    const [first, ...others] = value.map(inferSchema);
    return { type: "array", items: first === undefined ? UNKNOWN : others.reduce(merge, first) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (typeof value !== "object") return { type: typeof value };
  const properties = Object.entries(value).map(([name, one]) => [name, inferSchema(one)]);
  return { type: "object", properties: Object.fromEntries(properties) as Json };
}

/** What both values suggest. */
export function merge(a: Parts, b: Parts): Parts {
  const nullable = a["nullable"] === true || b["nullable"] === true ? { nullable: true } : {};
  if (a["type"] === UNKNOWN) return b["type"] === UNKNOWN ? b : { ...b, nullable: true };
  if (b["type"] === UNKNOWN) return { ...a, nullable: true };
  const types = [a["type"], b["type"]];
  if (types[0] !== types[1]) {
    const numeric = types.includes("integer") && types.includes("number");
    return numeric ? { type: "number", ...nullable } : { type: UNKNOWN };
  }
  if (types[0] === "array") {
    const [one, other] = [a["items"], b["items"]] as (Parts | typeof UNKNOWN)[];
    const items = one === UNKNOWN || one === undefined
      ? other
      : other === UNKNOWN || other === undefined
      ? one
      : merge(one, other);
    return { type: "array", items: items ?? UNKNOWN, ...nullable };
  }
  if (types[0] !== "object") return { ...a, ...nullable };
  const properties = new Map(Object.entries(a["properties"] as Record<string, Parts>));
  for (const [name, one] of Object.entries(b["properties"] as Record<string, Parts>)) {
    const before = properties.get(name);
    properties.set(name, before === undefined ? one : merge(before, one));
  }
  return { type: "object", properties: Object.fromEntries(properties), ...nullable };
}
