/** Parents and what is all of them: by `allOf`, with a discriminator that tells the children apart. */
import { decodePointer } from "../../../load/workspace.ts";
import type { SchemaPlace } from "./out.ts";
import { isObject, list, type Obj, object, text } from "../value.ts";

/** After the pointer of a schema: what a child has of it. */
const BASE = "/$base";

/** TypeScript narrows no more than this in reasonable time, and nobody reads it. */
const MOST_HEIRS = 60;

/** The name that a schema has in the document. */
export function schemaName(pointer: string): string {
  const own = pointer.endsWith(BASE) ? pointer.slice(0, -BASE.length) : pointer;
  return decodePointer(own.split("/").at(-1) ?? "");
}

/** What a pointer leads to, also where it is a parent without its children. */
export function schemaAt(at: (pointer: string) => unknown, pointer: string): unknown {
  if (!pointer.endsWith(BASE)) return at(pointer);
  const { oneOf: _, anyOf: __, discriminator: ___, ...base } = object(
    at(pointer.slice(0, -BASE.length)),
  );
  return base;
}

/** Pointers of children by pointer of the parent. */
export function heirsOf(schemas: Obj): ReadonlyMap<string, readonly string[]> {
  const heirs = new Map<string, string[]>();
  for (const [key, schema] of Object.entries(schemas)) {
    for (const part of list(object(schema)["allOf"])) {
      const parent = text(object(part)["$ref"]);
      if (parent === undefined) continue;
      const pointer = `#/components/schemas/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
      heirs.set(parent, [...heirs.get(parent) ?? [], pointer]);
    }
  }
  return heirs;
}

/**
 * A member of an `allOf`. A parent that stands for its children is there what all of them have: as it stands, such a type would
 * be made of itself.
 */
export function baseOf(ctx: SchemaPlace, member: unknown): unknown {
  const pointer = text(object(member)["$ref"]);
  const parent = pointer === undefined ? undefined : ctx.at(pointer);
  if (pointer === undefined || !isObject(parent)) return member;
  const listed = [...list(parent["oneOf"]), ...list(parent["anyOf"])];
  const isCircle = listed.some((child) => {
    const target = text(object(child)["$ref"]);
    return target !== undefined && extend(ctx, target, pointer, 0);
  });
  return isCircle || (listed.length === 0 && unionOf(ctx, pointer, parent) !== undefined)
    ? { $ref: pointer + BASE }
    : member;
}

/** A parent with a discriminator and without a list of members stands for the children that its mapping names, or that there are. */
export function unionOf(ctx: SchemaPlace, pointer: string, parent: Obj): Obj | undefined {
  const { discriminator } = parent;
  if (!isObject(discriminator) || text(discriminator["propertyName"]) === undefined) {
    return undefined;
  }
  const mapping = Object.entries(object(discriminator["mapping"])).map(([value, target]) =>
    [value, pointerOf(target)] as const
  );
  // Where no mapping says it, a value is the name of a child, or of the parent itself.
  const named = mapping.length > 0
    ? mapping.map(([, target]) => target)
    : [...ctx.heirs(pointer), pointer];
  const members = [...new Set(named)].filter((target) =>
    target === pointer || extend(ctx, target, pointer, 0)
  );
  if (!members.some((target) => target !== pointer) || members.length > MOST_HEIRS) {
    return undefined;
  }
  const member = (target: string): string => target === pointer ? pointer + BASE : target;
  // A child is all of its parent: a value may be both.
  return {
    anyOf: members.map((target) => ({ $ref: member(target) })),
    discriminator: {
      propertyName: discriminator["propertyName"],
      mapping: Object.fromEntries(mapping.map(([value, target]) => [value, member(target)])),
    },
  };
}

function pointerOf(target: unknown): string {
  if (typeof target !== "string") return "";
  return target.startsWith("#") ? target : `#/components/schemas/${target}`;
}

function extend(ctx: SchemaPlace, child: string, parent: string, depth: number): boolean {
  return depth < 8 && list(object(ctx.at(child))["allOf"]).some((part) => {
    const ref = text(object(part)["$ref"]);
    return ref === parent || (ref !== undefined && extend(ctx, ref, parent, depth + 1));
  });
}
