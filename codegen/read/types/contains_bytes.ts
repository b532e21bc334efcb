import type { Schema } from "../../model/schema.ts";
import { partsOf } from "../../model/schema_parts.ts";
import type { TypeTable } from "./table.ts";

/** True if a value of the type contains bytes at any depth, which JSON cannot. */
export function containsBytes(types: TypeTable, schema: Schema): boolean {
  const seen = new Set<string>();
  const open: Schema[] = [schema];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.kind === "bytes") return true;
    if (at.kind === "ref") {
      const target = types.entries.get(at.name);
      if (target?.schema === undefined || seen.has(at.name)) continue;
      seen.add(at.name);
      open.push(target.schema);
    } else open.push(...partsOf(at));
  }
  return false;
}
