/** Whether the properties of a body are inputs of their own: as the spec that is written will be read. */
import { expand, type Out, type OutObject } from "../schema/out.ts";
import { list } from "../value.ts";

/** True for a type of objects alone; any other body is the input `body`. */
export function isObjectLike(types: OutObject, type: unknown, depth = 0): boolean {
  if (depth > 60) return false;
  const out = expand((type ?? "unknown") as Out);
  if (out["nullable"] === true) return false;
  const { $ref: ref } = out;
  const inner = (one: unknown): boolean => isObjectLike(types, one, depth + 1);
  if (typeof ref === "string") return inner(types[ref]);
  if (out["type"] === "object" || list(out["allOf"]).some(inner)) return true;
  const members = list(out["oneOf"] ?? out["anyOf"]);
  return members.length > 0 && members.every(inner);
}
