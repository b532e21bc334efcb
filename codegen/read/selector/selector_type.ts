/** What a selector finds in a type; says which step leads nowhere. */
import type { Selector } from "../../model/selector.ts";
import type { Schema } from "../../model/schema.ts";
import type { TypeTable } from "../types/table.ts";
import { propertyNames, propertyOf, resolve } from "../types/walk.ts";
import { didYouMean } from "../report/suggest.ts";

export type Found =
  | { readonly schema: Schema; readonly problem?: undefined }
  | { readonly schema?: undefined; readonly problem: string; readonly help: string };

export function select(types: TypeTable, schema: Schema, selector: Selector): Found {
  let at = schema;
  let passed = selector.root === "body" ? "$body" : "$";
  for (const segment of selector.segments) {
    if (segment.kind === "key") {
      const next = propertyOf(types, at, segment.key);
      if (next === undefined) {
        const names = propertyNames(types, at);
        return {
          problem:
            `\`${selector.text}\` finds nothing: \`${passed}\` has no property \`${segment.key}\`.`,
          help: names.length === 0
            ? `\`${passed}\` is ${article(resolve(types, at).kind)}.`
            : didYouMean(segment.key, names, "properties"),
        };
      }
      passed += `.${segment.key}`;
      at = next;
      continue;
    }
    const next = elementOf(types, at, segment.kind === "index" ? segment.index : undefined);
    if (next === undefined) {
      return {
        problem: `\`${selector.text}\` finds nothing: \`${passed}\` is not a list.`,
        help: `\`${passed}\` is ${article(resolve(types, at).kind)}; remove the brackets.`,
      };
    }
    passed += segment.kind === "index" ? `[${segment.index}]` : "[*]";
    at = next;
  }
  return { schema: at };
}

function article(kind: string): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}

/** Type of an element of a list, or of a member of a union that is one. */
export function elementOf(
  types: TypeTable,
  schema: Schema,
  index?: number,
  depth = 0,
): Schema | undefined {
  const at = resolve(types, schema);
  if (depth > 20) return undefined;
  switch (at.kind) {
    case "unknown":
      return at;
    case "array":
      return at.items;
    case "tuple":
      return (index === undefined ? undefined : at.items.at(index)) ?? at.rest ?? at.items[0];
    case "union":
    case "intersection":
      for (const member of at.members) {
        const found = elementOf(types, member, index, depth + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

/** Every kind that the value can have, unions taken apart. */
export function kindsOf(types: TypeTable, schema: Schema, depth = 0): Set<string> {
  const at = resolve(types, schema);
  if (depth > 20) return new Set(["unknown"]);
  switch (at.kind) {
    case "union":
    case "intersection":
      return new Set(at.members.flatMap((member) => [...kindsOf(types, member, depth + 1)]));
    case "enum":
      return new Set(at.values.map((value) => typeof value));
    case "const":
      return new Set([
        at.value === null ? "null" : Array.isArray(at.value) ? "array" : typeof at.value,
      ]);
    case "integer":
      return new Set(["number"]);
    case "tuple":
      return new Set(["array"]);
    case "record":
      return new Set(["object"]);
    default:
      return new Set([at.kind]);
  }
}
