/** Whether a schema fits into a query or a header: single values, and lists or objects of them. */
import type { Refs } from "../refs.ts";
import { isObject, list, object } from "../value.ts";

export type Nesting = "flat" | "nested list" | "nested object";

export function nestingOf(refs: Refs, schema: unknown): Nesting {
  return look(refs, schema, 0, 0);
}

/** `inside`: enclosing lists and objects; `hops` ends cycles. */
function look(refs: Refs, schema: unknown, inside: number, hops: number): Nesting {
  const at = refs.schema(schema);
  if (hops > 12) return "flat";
  for (const key of ["oneOf", "anyOf", "allOf"]) {
    for (const member of list(at[key])) {
      const found = look(refs, member, inside, hops + 1);
      if (found !== "flat") return found;
    }
  }
  const isList = at["type"] === "array" || at["items"] !== undefined;
  const isMap = at["type"] === "object" || isObject(at["properties"]) ||
    isObject(at["additionalProperties"]);
  if (!isList && !isMap) return "flat";
  if (inside > 0) return "nested object";
  const parts = isList
    ? [at["items"]]
    : [...Object.values(object(at["properties"])), at["additionalProperties"]];
  const deep = parts.some((part) =>
    isObject(part) && look(refs, part, inside + 1, hops + 1) !== "flat"
  );
  return deep ? isList ? "nested list" : "nested object" : "flat";
}
