/** Properties that an object schema has, through references and combinations. */
import type { Refs } from "../refs.ts";
import { isFile } from "./typed.ts";
import { list, type Obj, object, strings } from "../value.ts";

const TYPES: ReadonlySet<string> = new Set([
  "string",
  "number",
  "integer",
  "boolean",
  "null",
  "array",
  "object",
  "file",
]);

export function propertyNamesOf(refs: Refs, schema: unknown): string[] {
  const names = new Set<string>();
  visit(refs, schema, (at) => {
    for (const name of Object.keys(object(at["properties"]))) names.add(name);
    for (const name of strings(at["required"])) names.add(name);
  });
  return [...names];
}

export function requiredNamesOf(refs: Refs, schema: unknown): string[] {
  const names = new Set<string>();
  visit(refs, schema, (at) => {
    for (const name of strings(at["required"])) names.add(name);
  });
  return [...names];
}

export function propertyAt(refs: Refs, schema: unknown, name: string): unknown {
  let found: unknown;
  visit(refs, schema, (at) => {
    found ??= object(at["properties"])[name];
  });
  return found;
}

/** True for a list, even if null or a single value is allowed instead. */
export function isList(refs: Refs, schema: unknown, seen: Set<Obj> = new Set()): boolean {
  const at = refs.schema(schema);
  const { type } = at;
  if (type === "array" || (Array.isArray(type) && type.includes("array"))) return true;
  if (isKnown(at, seen)) return false;
  return ["anyOf", "oneOf", "allOf"].some((key) =>
    list(at[key]).some((member) => isList(refs, member, seen))
  );
}

/** True if a property, or an item of a list in one, is a file. */
export function takesFiles(refs: Refs, schema: unknown): boolean {
  let found = false;
  const look = (at: Obj): void => {
    found ||= isFile(at);
    const { items } = at;
    if (items !== undefined) visit(refs, items, (item) => found ||= isFile(item));
  };
  visit(refs, schema, (at) => {
    for (const property of Object.values(object(at["properties"]))) visit(refs, property, look);
  });
  return found;
}

/** True if a schema allows `true` and `false` and otherwise at most null. */
export function isSwitch(refs: Refs, schema: unknown, seen: Set<Obj> = new Set()): boolean {
  const at = refs.schema(schema);
  const { type } = at;
  if (type === "boolean") return true;
  if (Array.isArray(type)) {
    return type.includes("boolean") && type.every((one) => one === "boolean" || one === "null");
  }
  const members = ["anyOf", "oneOf"].flatMap((key) => list(at[key])).filter((member) =>
    object(member)["type"] !== "null"
  );
  if (isKnown(at, seen)) return true;
  return members.length > 0 && members.every((member) => isSwitch(refs, member, seen));
}

/** True for a schema of named fields, as forms need it. */
export function isFields(refs: Refs, schema: unknown, seen: Set<Obj> = new Set()): boolean {
  const at = refs.schema(schema);
  const stated = Array.isArray(at["type"]) ? at["type"] : [at["type"]];
  const types = stated.filter((one) => typeof one === "string" && TYPES.has(one));
  if (at["nullable"] === true || at["enum"] !== undefined || at["const"] !== undefined) {
    return false;
  }
  if (types.some((type) => type !== "object")) return false;
  if (types.length > 0 || Object.keys(object(at["properties"])).length > 0) return true;
  if (isKnown(at, seen)) return true;
  const members = ["allOf", "oneOf", "anyOf"].flatMap((key) => list(at[key]));
  return members.length > 0 && members.every((member) => isFields(refs, member, seen));
}

function visit(
  refs: Refs,
  schema: unknown,
  see: (at: Obj) => void,
  seen = new Set<Obj>(),
): void {
  const at = refs.schema(schema);
  if (isKnown(at, seen)) return;
  see(at);
  for (const key of ["allOf", "oneOf", "anyOf"]) {
    for (const member of list(at[key])) visit(refs, member, see, seen);
  }
}

/** A combination of schemas is an endless number of ways to the same few, and may be a circle. */
const MOST = 2_000;

/** Whether it was looked at before; or so many were that no more are. */
function isKnown(at: Obj, seen: Set<Obj>): boolean {
  if (seen.has(at) || seen.size > MOST) return true;
  seen.add(at);
  return false;
}
