/** The schema that a value suggests. */
import type { Json } from "../../core/json.ts";

export function inferSchema(value: Json): Json {
  if (value === null) return { type: "unknown" };
  if (Array.isArray(value)) {
    return { type: "array", items: value[0] === undefined ? "unknown" : inferSchema(value[0]) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (typeof value !== "object") return { type: typeof value };
  const properties = Object.entries(value).map(([name, one]) => [name, inferSchema(one)]);
  return { type: "object", properties: Object.fromEntries(properties) as Json };
}
