/** `discriminator`: which property distinguishes the members of a union, and which value means which member. */
import type { Cursor } from "../../load/cursor.ts";
import type { DiscriminatorModel, Schema, UnionSchema } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import { describe, isKind } from "../fields/fields.ts";
import { isForeign } from "./types.ts";
import { propertyOf, resolve } from "../../model/types/resolve.ts";

interface Member {
  readonly at: Cursor;
  readonly schema: Schema;
}

type Writable = { -readonly [K in keyof UnionSchema]: UnionSchema[K] };

/**
 * The members' types may not be read yet, so the mapping is completed later, in place, because the union is copied
 * if it has a description or `nullable`.
 */
export function readDiscriminator(
  ctx: Context,
  at: Cursor,
  union: UnionSchema,
  members: readonly Member[],
): void {
  const name = at.kind === "text" ? at : at.at("propertyName");
  if (name === undefined || !isKind(ctx.report, name, "text")) {
    if (name === undefined && isKind(ctx.report, at, "mapping")) {
      const help = "Write `discriminator: { propertyName: type }`.";
      ctx.report.add("VC1103", at, "A discriminator needs the key `propertyName`.", help, "key");
    }
    return;
  }
  const property = String(name.value);
  const explicit = at.kind === "mapping" ? at.at("mapping") : undefined;
  const mapping: { value: string; type: string }[] = [];
  (union as Writable).discriminator = { property, mapping };
  ctx.later.push(() => {
    const found = explicit === undefined || explicit.kind !== "mapping"
      ? implied(ctx, name, property, members)
      : mapped(ctx, explicit, members);
    mapping.push(...found ?? []);
  });
}

type Mapping = DiscriminatorModel["mapping"];

/** Every member must fix the property by `const` or `enum`, each value once. */
function implied(
  ctx: Context,
  at: Cursor,
  property: string,
  members: readonly Member[],
): Mapping | undefined {
  const mapping: { value: string; type: string }[] = [];
  const owner = new Map<string, string>();
  const foreign = isForeign(ctx, at);
  for (const member of members) {
    const label = member.schema.kind === "ref" ? member.schema.name : "This member";
    const found = propertyOf(ctx.types, member.schema, property);
    const fixed = found && resolve(ctx.types, found);
    const values = fixed?.kind === "const"
      ? [fixed.value]
      : fixed?.kind === "enum"
      ? fixed.values
      : [];
    if (values.length === 0) {
      if (foreign) {
        // OpenAPI: without a mapping, the value is the name of the schema.
        if (member.schema.kind === "ref") {
          mapping.push({ value: member.schema.name, type: member.schema.name });
        }
        continue;
      }
      ctx.report.add(
        "VC1208",
        member.at,
        found === undefined
          ? `${label} has no property \`${property}\` to tell it apart by.`
          : `\`${property}\` of ${label} is not fixed.`,
        `Give it \`${property}: { const: … }\`, or write the discriminator's \`mapping\`.`,
      );
      return undefined;
    }
    for (const value of values) {
      const text = String(value);
      const other = owner.get(text);
      if (other !== undefined && !foreign) {
        const message = `\`${property}: ${text}\` stands for both ${other} and ${label}.`;
        ctx.report.add("VC1208", member.at, message, "Give each member a value of its own.");
        return undefined;
      }
      owner.set(text, label);
      if (member.schema.kind === "ref") mapping.push({ value: text, type: member.schema.name });
    }
  }
  return mapping;
}

function mapped(ctx: Context, at: Cursor, members: readonly Member[]): Mapping {
  const names = new Set(
    members.flatMap(({ schema }) => schema.kind === "ref" ? [schema.name] : []),
  );
  return at.keys().flatMap((value) => {
    const target = at.at(value);
    if (target === undefined || !isKind(ctx.report, target, "text")) return [];
    const ref = ctx.types.byRef(ctx.report, String(target.value), target, ctx.root);
    if (ref === undefined) return [];
    if (!names.has(ref.name) && !isForeign(ctx, at)) {
      const message = `${describe(target)} is not a member of this union.`;
      ctx.report.add("VC1208", target, message, `Members: ${[...names].join(", ")}.`);
      return [];
    }
    return [{ value, type: ref.name }];
  });
}
