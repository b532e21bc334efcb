/** Checks values by JSON Schemas, each of which is compiled on first use. */
import { createCompiler } from "./compile.ts";
import { costOf } from "./cost.ts";
import type { Breach, Rule, SchemaNode } from "./rules.ts";

export type { Breach, SchemaNode };

/** Comparisons that finding the mistakes may take: they are made while nothing else can be done. */
const MOST_COST = 50_000;

const TOO_MUCH: readonly Breach[] = [{ pointer: "", keyword: "size", rule: undefined }];

/** Returns a check for schemas that refer to `#/$defs/…` in `types`; it says all that is wrong. Names are unique. */
export function createChecker(
  types: SchemaNode,
): (name: string, schema: unknown, value: unknown) => readonly Breach[] {
  const compiled = new Map<string, Rule>();
  const typeNamed = (reference: string): unknown => {
    const name = refName(reference);
    return Object.hasOwn(types, name) ? types[name] : undefined;
  };
  const compile = createCompiler(typeNamed);

  return (name, schema, value) => {
    let rule = compiled.get(name);
    if (rule === undefined) compiled.set(name, rule = compile(schema));
    try {
      if (rule.fits(value)) return [];
      const isCheap = costOf(schema, value, typeNamed, MOST_COST) <= MOST_COST;
      return isCheap ? rule.find(value, "") : TOO_MUCH;
    } catch (error) {
      // It nests deeper than this runtime's stack.
      if (error instanceof RangeError) return TOO_MUCH;
      throw error;
    }
  };
}

/** `#/$defs/Name` → `Name`. */
export function refName(reference: string): string {
  return decodeURIComponent(reference.replace(/^#\/\$defs\//, "")).replaceAll("~1", "/").replaceAll(
    "~0",
    "~",
  );
}
