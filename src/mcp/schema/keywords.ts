/** Schemas as others read them: JSON Schema 2020-12 and nothing else, since validators of clients refuse what they do not know. */
import { refName, type SchemaNode } from "../../schema/check.ts";

const MAPS = new Set(["properties", "patternProperties", "dependentSchemas"]);
const LISTS = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMAS = new Set([
  "additionalProperties",
  "contains",
  "else",
  "if",
  "items",
  "not",
  "propertyNames",
  "then",
  "unevaluatedItems",
  "unevaluatedProperties",
]);
const VALUES = new Set(
  ("const contentEncoding contentMediaType default dependentRequired deprecated description enum examples exclusiveMaximum " +
    "exclusiveMinimum format maxContains maxItems maxLength maxProperties maximum minContains minItems minLength " +
    "minProperties minimum multipleOf pattern readOnly required title type uniqueItems writeOnly")
    .split(" "),
);

export interface Rewriting {
  /** What stands for a reference to a type. */
  reference(name: string): SchemaNode;
  /** What stands for a property; undefined leaves it out. Default: what it is. */
  property?(name: string, schema: unknown): unknown;
}

/** A copy in which references and properties are what `rewriting` makes of them. */
export function rewrite(schema: unknown, rewriting: Rewriting): SchemaNode | boolean {
  if (typeof schema === "boolean") return schema;
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema ?? {})) {
    if (keyword === "$ref" && typeof value === "string") {
      Object.assign(copy, rewriting.reference(refName(value)));
    } else if (keyword === "pattern") {
      if (isPattern(value)) copy[keyword] = value;
    } else if (VALUES.has(keyword)) copy[keyword] = value;
    else if (SCHEMAS.has(keyword)) copy[keyword] = rewrite(value, rewriting);
    else if (LISTS.has(keyword) && Array.isArray(value)) {
      copy[keyword] = value.map((item) => rewrite(item, rewriting));
    } else if (MAPS.has(keyword) && typeof value === "object" && value !== null) {
      copy[keyword] = rewriteMap(
        value,
        keyword === "properties" ? rewriting : undefined,
        rewriting,
      );
    }
  }
  const { required, properties } = copy;
  if (rewriting.property !== undefined && Array.isArray(required) && isNode(properties)) {
    const known = isNode(schema) && isNode(schema["properties"]) ? schema["properties"] : {};
    const kept = required.filter((name) => name in properties || !(String(name) in known));
    if (kept.length > 0) copy["required"] = kept;
    else delete copy["required"];
  }
  return copy;
}

function rewriteMap(map: object, named: Rewriting | undefined, rewriting: Rewriting): SchemaNode {
  const entries: [string, unknown][] = [];
  for (const [name, inner] of Object.entries(map)) {
    const changed = named?.property === undefined ? inner : named.property(name, inner);
    if (changed !== undefined) entries.push([name, rewrite(changed, rewriting)]);
  }
  return Object.fromEntries(entries);
}

/** Clients compile patterns as JavaScript's, for Unicode. */
function isPattern(value: unknown): boolean {
  try {
    return typeof value === "string" && new RegExp(value, "u") instanceof RegExp;
  } catch {
    return false;
  }
}

export function isNode(value: unknown): value is SchemaNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The schema behind references that refer to nothing but one another. */
export function resolve(schema: unknown, types: SchemaNode): unknown {
  let node = schema;
  // A chain of references is short; a circle of nothing else must not hang.
  for (let step = 0; step < 16 && isNode(node) && typeof node["$ref"] === "string"; step++) {
    node = Object.hasOwn(types, refName(node["$ref"])) ? types[refName(node["$ref"])] : true;
  }
  return node;
}
