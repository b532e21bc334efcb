/** Properties that an object schema has, through references and combinations. */
import type { Refs } from "./refs.ts";
import { list, object, strings } from "./value.ts";

export function propertyNamesOf(refs: Refs, schema: unknown): string[] {
  const names = new Set<string>();
  visit(refs, schema, 0, (at) => {
    for (const name of Object.keys(object(at["properties"]))) names.add(name);
    for (const name of strings(at["required"])) names.add(name);
  });
  return [...names];
}

export function requiredNamesOf(refs: Refs, schema: unknown): string[] {
  const names = new Set<string>();
  visit(refs, schema, 0, (at) => {
    for (const name of strings(at["required"])) names.add(name);
  });
  return [...names];
}

export function propertyAt(refs: Refs, schema: unknown, name: string): unknown {
  let found: unknown;
  visit(refs, schema, 0, (at) => {
    found ??= object(at["properties"])[name];
  });
  return found;
}

function visit(
  refs: Refs,
  schema: unknown,
  depth: number,
  see: (at: Record<string, unknown>) => void,
): void {
  let at = object(schema);
  for (let hops = 0; hops < 20 && typeof at["$ref"] === "string"; hops++) {
    at = object(refs.at(at["$ref"]));
  }
  if (depth > 8) return;
  see(at);
  for (const key of ["allOf", "oneOf", "anyOf"]) {
    for (const member of list(at[key])) visit(refs, member, depth + 1, see);
  }
}
