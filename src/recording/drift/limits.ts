/** Keywords that limit a value of a type. */
import type { Json } from "../../core/json.ts";
import { createCompiler } from "../../schema/compile.ts";

export const LIMITS: readonly string[] = [
  ...["minLength", "maxLength", "pattern", "format"],
  ...["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
  ...["minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"],
];

const compile = createCompiler(() => undefined);

/** Whether the value is beyond the limit. */
export function broken(keyword: string, limit: Json, value: Json): boolean {
  try {
    return !compile({ [keyword]: limit }).fits(value);
  } catch {
    // A pattern that cannot be read: what is wrong with it is for `vastar spec check` to say.
    return false;
  }
}
