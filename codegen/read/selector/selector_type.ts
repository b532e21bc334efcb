/** What a selector finds in a type; reports the step that finds nothing. */
import type { Selector } from "../../model/selector.ts";
import type { Schema } from "../../model/schema.ts";
import { type NamedTypes, propertyNames, resolve, stepInto } from "../../model/types/resolve.ts";
import { didYouMean } from "../report/suggest.ts";

export type Found =
  | { readonly schema: Schema; readonly problem?: undefined }
  | { readonly schema?: undefined; readonly problem: string; readonly help: string };

export function select(types: NamedTypes, schema: Schema, selector: Selector): Found {
  let at = schema;
  let passed = selector.root === "value" ? "$" : `$${selector.root}`;
  for (const segment of selector.segments) {
    const next = stepInto(types, at, segment);
    if (segment.kind === "key") {
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

/** Every kind that the value can have, with unions expanded. */
export function kindsOf(types: NamedTypes, schema: Schema, depth = 0): Set<string> {
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
