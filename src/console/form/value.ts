/** Values of a form: what is at a path, what a new one begins with, and which variant one is of. */
import { type Field, fieldOf, type VariantField } from "./field.ts";
import { isNode, resolve, type Types, typesOf } from "./schema.ts";

export type Path = readonly (string | number)[];

export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}

/** A copy with another value there; undefined takes it out. What lies on the way is made. */
export function withValue(value: unknown, path: Path, next: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return next;
  if (typeof key === "number") {
    const list: unknown[] = Array.isArray(value) ? [...value] : [];
    const inner = withValue(list[key], rest, next);
    if (inner === undefined && rest.length === 0) list.splice(key, 1);
    else list[key] = inner;
    return list;
  }
  const object: Record<string, unknown> = isNode(value) ? { ...value } : {};
  const inner = withValue(Object.hasOwn(object, key) ? object[key] : undefined, rest, next);
  // As an own property: `__proto__` too is only a name here.
  Object.defineProperty(object, key, {
    value: inner,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  if (inner === undefined) Reflect.deleteProperty(object, key);
  return object;
}

/** Objects within objects that are required: enough for any API, and an end for types that hold themselves. */
const MOST_DEPTH = 8;

/** What a new value begins with: all that is required, empty. Undefined where the user has to say it. */
export function emptyOf(field: Field, types: Types, depth = 0): unknown {
  if (field.fallback !== undefined) return field.fallback;
  switch (field.kind) {
    case "text":
      return "";
    case "boolean":
      return false;
    case "constant":
      return field.value;
    case "choice":
      return field.values[0];
    case "list":
      return [];
    case "variant":
      return emptyOf(fieldOf(field.variants[0]?.schema, types), types, depth + 1);
    case "object":
      return Object.fromEntries(
        field.properties.filter(({ required }) => required && depth < MOST_DEPTH)
          .map(({ name, schema }) => [name, emptyOf(fieldOf(schema, types), types, depth + 1)])
          .filter(([, value]) => value !== undefined),
      );
    case "json":
      return depth === 0 ? {} : null;
    case "number":
    case "file":
      return undefined;
  }
}

/** What an item, a variant or a field begins with that was just added: some value, so that it is there. */
export function addedOf(field: Field, types: Types): unknown {
  return emptyOf(field, types, 1) ?? (field.kind === "number" ? field.least ?? 0 : null);
}

/** Which variant a value is of: the place of the first that fits best. */
export function variantOf({ variants }: VariantField, value: unknown, types: Types): number {
  let best = 0;
  let most = -1;
  for (const [at, { schema }] of variants.entries()) {
    const fit = fitOf(schema, value, types);
    if (fit > most) [best, most] = [at, fit];
  }
  return best;
}

/** 0: not at all; more for each property by which the value is recognised. */
function fitOf(schema: unknown, value: unknown, types: Types): number {
  const node = resolve(schema, types);
  if ("const" in node) return node["const"] === value ? 3 : 0;
  if (Array.isArray(node["enum"])) return node["enum"].includes(value) ? 3 : 0;
  const allowed = typesOf(node);
  const type = typeName(value);
  const suits = allowed.length === 0 || allowed.includes(type) ||
    (type === "integer" && allowed.includes("number"));
  if (!suits) return 0;
  if (!isNode(value) || !isNode(node["properties"])) return 1;
  let fit = 1;
  for (const [name, property] of Object.entries(node["properties"])) {
    const { const: constant, enum: known } = resolve(property, types);
    const found = valueAt(value, [name]);
    if (constant !== undefined && found !== undefined) {
      if (found !== constant) return 0;
      fit += 2;
    } else if (Array.isArray(known) && found !== undefined && !known.includes(found)) return 0;
    else if (found !== undefined) fit += 1;
  }
  return fit;
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}
