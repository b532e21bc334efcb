/** `allOf`, `oneOf`, `anyOf` and discriminators. */
import type { Cursor } from "../../load/cursor.ts";
import type { Schema, UnionSchema } from "../../model/schema.ts";
import { type Context, type SchemaOptions, UNKNOWN } from "../context.ts";
import { defined, isKind } from "../fields/fields.ts";
import { readDiscriminator } from "./discriminator.ts";
import { isClosed } from "./enum.ts";
import { isForeign } from "./types.ts";

const COMBINATIONS = ["allOf", "oneOf", "anyOf"] as const;

/** Keywords that make the rest of a schema, next to `allOf`, `oneOf` and `anyOf`, significant. */
const OWN = [
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "items",
  "prefixItems",
];

export function hasCombination(cursor: Cursor): boolean {
  return COMBINATIONS.some((key) => cursor.at(key) !== undefined);
}

export function readCombination(ctx: Context, cursor: Cursor, options: SchemaOptions): Schema {
  const parts: Schema[] = [];
  const all = cursor.at("allOf");
  if (all !== undefined) {
    parts.push(...members(ctx, all).map((at) => ctx.readSchema(ctx, at, { part: true })));
  }
  for (const mode of ["oneOf", "anyOf"] as const) {
    const at = cursor.at(mode);
    if (at === undefined || onlyRequires(ctx, at)) continue;
    parts.push(readUnion(ctx, cursor, at, mode === "oneOf" ? "one" : "any"));
  }
  if (OWN.some((key) => cursor.at(key) !== undefined)) {
    parts.push(
      ctx.readTyped(ctx, cursor, { ...options, part: all !== undefined || options.part === true }),
    );
  }
  const said = parts.filter((part) => part.kind !== "unknown");
  const [first] = said;
  if (first === undefined) return UNKNOWN;
  return said.length === 1 ? first : { kind: "intersection", members: said };
}

function members(ctx: Context, at: Cursor): Cursor[] {
  if (!isKind(ctx.report, at, "list")) return [];
  const items = at.items();
  if (items.length === 0) {
    ctx.report.add(
      "VC1211",
      at,
      `\`${String(at.key)}\` has no members.`,
      "List at least one type.",
    );
  }
  return items;
}

/** `anyOf: [{ required: [a] }, { required: [b] }]` says which to give together: it has no types, and TypeScript cannot express it. */
function onlyRequires(ctx: Context, at: Cursor): boolean {
  const items = at.items();
  return isForeign(ctx, at) && items.length > 0 && items.every((item) => {
    const keys = item.keys();
    return item.kind === "mapping" && keys.every((key) => key === "required" || key === "not");
  });
}

function readUnion(ctx: Context, cursor: Cursor, at: Cursor, mode: "one" | "any"): Schema {
  const read = members(ctx, at).map((member) => ({
    at: member,
    schema: ctx.readSchema(ctx, member),
  }));
  const kept = read.filter(({ schema }) => schema.kind !== "null");
  const nullable = kept.length < read.length;
  const [only] = kept;
  if (only === undefined) return read.length > 0 ? { kind: "null" } : UNKNOWN;
  if (kept.length === 1) return nullable ? { ...only.schema, nullable: true } : only.schema;
  if (mode === "any" && kept.some(({ schema }) => schema.kind === "unknown")) return UNKNOWN;
  const union = defined({
    kind: "union" as const,
    mode,
    members: kept.map(({ schema }) => schema),
    closed: isClosed(ctx, cursor),
    nullable: nullable ? true : undefined,
  }) as UnionSchema;
  const discriminator = cursor.at("discriminator");
  if (discriminator !== undefined) readDiscriminator(ctx, discriminator, union, kept);
  return union;
}
