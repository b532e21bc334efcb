import type { Schema } from "../../model/schema.ts";
import { partsOf } from "../../model/schema_parts.ts";
import type { TypeTable } from "./table.ts";

/** Names of types that are known to hold none, or some: large APIs ask for the same ones in each operation. */
interface Known {
  readonly none: Set<string>;
  readonly some: Set<string>;
}

const known = new WeakMap<TypeTable, Known>();

/** True if a value of the type contains bytes at any depth, which JSON cannot. */
export function containsBytes(types: TypeTable, schema: Schema): boolean {
  const { none, some } = knownOf(types);
  const seen = new Set<string>();
  const open: Schema[] = [schema];
  let isWhole = true;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind === "bytes" || (at.kind === "ref" && some.has(at.name))) {
      if (schema.kind === "ref") some.add(schema.name);
      return true;
    }
    if (at.kind === "ref") {
      if (seen.has(at.name) || none.has(at.name)) continue;
      seen.add(at.name);
      const target = types.entries.get(at.name)?.schema;
      if (target === undefined) isWhole = false;
      else open.push(target);
    } else open.push(...partsOf(at));
  }
  // Of a type that is not read yet nothing is known.
  if (isWhole) { for (const name of seen) none.add(name); }
  return false;
}

function knownOf(types: TypeTable): Known {
  let found = known.get(types);
  if (found === undefined) known.set(types, found = { none: new Set(), some: new Set() });
  return found;
}
