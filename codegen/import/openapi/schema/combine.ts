/** `allOf`, `oneOf`, `anyOf` with their discriminators. */
import { convertDiscriminator } from "./discriminator.ts";
import { baseOf } from "./inheritance.ts";
import type { Out, OutObject, SchemaPlace } from "./out.ts";
import { isObject, list, type Obj, object } from "../value.ts";

type Typed = (ctx: SchemaPlace, schema: Obj) => Out;

const OWN = [
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "items",
  "prefixItems",
];

export function combine(ctx: SchemaPlace, schema: Obj, typed: Typed): Out {
  const parts: Out[] = list(schema["allOf"]).filter(isPart).map((member) =>
    ctx.convert(ctx, baseOf(ctx, withTypes(ctx, member, schema)))
  );
  for (const key of ["oneOf", "anyOf"]) {
    const members = list(schema[key]);
    if (members.length === 0) continue;
    // Only says which properties go together, without types.
    if (members.every((member) => isObject(member) && !says(member))) {
      ctx.losses.add("keyword", ctx.where, `\`${key}\` over required properties is not checked.`);
      continue;
    }
    parts.push(union(ctx, schema, key, members));
  }
  if (OWN.some((key) => schema[key] !== undefined)) {
    parts.push(typed(ctx, withTypes(ctx, schema, schema)));
  }
  const said = parts.filter((part) => part !== "unknown");
  const [first] = said;
  if (first === undefined) return typed(ctx, schema);
  return said.length === 1 ? first : { allOf: said };
}

/**
 * With the types that other parts have for properties that this one requires: of unknown type, such a property would still be
 * as optional as it is there.
 */
function withTypes<Part>(ctx: SchemaPlace, part: Part, whole: Obj): Part {
  if (!isObject(part) || part["$ref"] !== undefined) return part;
  const own = object(part["properties"]);
  const found = list(part["required"]).flatMap((name) => {
    if (typeof name !== "string" || Object.hasOwn(own, name)) return [];
    const { description: _, ...type } = object(propertyIn(ctx, whole, name, 0));
    return Object.keys(type).length === 0 ? [] : [[name, type] as const];
  });
  if (found.length === 0) return part;
  return { ...part, properties: { ...own, ...Object.fromEntries(found) } };
}

const DEEPEST = 8;

function propertyIn(ctx: SchemaPlace, schema: unknown, name: string, depth: number): unknown {
  const at = object(schema);
  const own = object(at["properties"]);
  if (Object.hasOwn(own, name)) return own[name];
  if (depth > DEEPEST) return undefined;
  const ref = at["$ref"];
  const parts = [...(typeof ref === "string" ? [ctx.at(ref)] : []), ...list(at["allOf"])];
  for (const part of parts) {
    const found = propertyIn(ctx, part, name, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `required` alone makes a property of another part required; an empty part is dropped. */
function isPart(member: unknown): boolean {
  return says(member) || (isObject(member) && Array.isArray(member["required"]));
}

/** False for a part that only requires or describes. */
function says(member: unknown): boolean {
  if (!isObject(member)) return true;
  const keys = Object.keys(member).filter((key) =>
    key !== "description" && key !== "title" && !key.startsWith("x-")
  );
  return keys.some((key) => key !== "required" && key !== "not") || keys.length === 0;
}

function union(ctx: SchemaPlace, schema: Obj, key: string, members: readonly unknown[]): Out {
  const merged = members.map((member) => ctx.convert(ctx, withSiblingType(schema, member)));
  const seen = new Set<string>();
  const unique = merged.filter((member) => {
    const identity = JSON.stringify(member);
    return !seen.has(identity) && seen.add(identity);
  });
  const [only] = unique;
  if (unique.length === 1 && only !== undefined) return only;
  const out: OutObject = { [key]: unique };
  if (isObject(schema["discriminator"])) {
    const discriminator = convertDiscriminator(ctx, schema["discriminator"], members, unique);
    if (discriminator !== undefined) out["discriminator"] = discriminator;
  }
  return out;
}

/** `type: string, oneOf: [{ format: date }, …]`: members inherit the type of the whole. */
function withSiblingType(schema: Obj, member: unknown): unknown {
  const type = schema["type"];
  if (typeof type !== "string" || type === "object" || type === "array" || !isObject(member)) {
    return member;
  }
  const bare = ["type", "$ref", "enum", "const", "oneOf", "anyOf", "allOf"].every((key) =>
    member[key] === undefined
  );
  return bare ? { ...member, type } : member;
}
