/** Examples with whole numbers as the text that JSON has, where types say `as: text` or `as: bigint`. */
import { digitsOf, isDigits } from "../schema/default.ts";
import { expand, type Out, type OutObject } from "../schema/out.ts";
import { isObject, list, object } from "../value.ts";

/** What is of another type stays as it is. */
export function withDigits(types: OutObject, type: unknown, value: unknown, depth = 0): unknown {
  const out = expand((type ?? "unknown") as Out);
  const { $ref: ref, items, properties, additionalProperties: more } = out;
  const inner = (part: unknown, one: unknown): unknown => withDigits(types, part, one, depth + 1);
  if (depth > 60) return value;
  if (typeof ref === "string") return inner(types[ref], value);
  if (isDigits(out)) return digitsOf(value);
  const parts = [out["allOf"], out["oneOf"], out["anyOf"]].flatMap((one) => list(one));
  const found = parts.reduce((before: unknown, part) => inner(part, before), value);
  if (Array.isArray(found)) {
    return items === undefined ? found : found.map((one) => inner(items, one));
  }
  if (!isObject(found)) return found;
  const known = object(properties);
  return Object.fromEntries(
    Object.entries(found).map(([key, one]) => {
      const part = Object.hasOwn(known, key) ? known[key] : more;
      return [key, isObject(part) || typeof part === "string" ? inner(part, one) : one];
    }),
  );
}
