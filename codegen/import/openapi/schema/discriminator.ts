/** A discriminator with its full mapping, from the document's mapping, constants, or names. */
import { schemaName } from "./inheritance.ts";
import type { Out, OutObject, SchemaPlace } from "./out.ts";
import { isObject, list, type Obj, object, text } from "../value.ts";

export function convertDiscriminator(
  ctx: SchemaPlace,
  discriminator: Obj,
  members: readonly unknown[],
  converted: readonly Out[],
): OutObject | undefined {
  const propertyName = text(discriminator["propertyName"]);
  const lose = (why: string): undefined => {
    ctx.losses.add("discriminator", ctx.where, why);
    return undefined;
  };
  if (propertyName === undefined) return lose("It names no property.");
  if (discriminator["defaultMapping"] !== undefined) {
    const why = "What its `defaultMapping` stands for has no type of its own.";
    ctx.losses.add("discriminator", ctx.where, why);
  }
  const names = new Set(
    converted.filter((one): one is string => typeof one === "string" && /^[A-Z_]/.test(one)),
  );
  // Null needs no discriminator.
  if (names.size < converted.filter((one) => one !== "null").length) {
    return lose("Members without a name cannot be told apart by it.");
  }
  const mapping: Record<string, string> = {};
  for (const [value, target] of Object.entries(object(discriminator["mapping"]))) {
    const pointer = typeof target !== "string"
      ? ""
      : target.startsWith("#")
      ? target
      : `#/components/schemas/${target}`;
    if (ctx.at(pointer) === undefined) continue;
    const name = ctx.names.of(pointer);
    if (names.has(name)) mapping[value] = name;
  }
  if (Object.keys(mapping).length === 0) {
    for (const member of members) {
      const pointer = text(object(member)["$ref"]);
      if (pointer === undefined) continue;
      const values = fixedValues(ctx, pointer, propertyName, 0);
      for (const value of values.length > 0 ? values : [schemaName(pointer)]) {
        mapping[value] = ctx.names.of(pointer);
      }
    }
  }
  return Object.keys(mapping).length === 0
    ? lose("None of its values leads to a member.")
    : { propertyName, mapping };
}

/** Values that a schema allows for a property: its `const` or `enum`, also in a part of an `allOf`. */
function fixedValues(
  ctx: SchemaPlace,
  pointer: string,
  property: string,
  depth: number,
): string[] {
  const schema = ctx.at(pointer);
  if (!isObject(schema) || depth > 8) return [];
  const own = object(object(schema["properties"])[property]);
  if (own["const"] !== undefined) return [String(own["const"])];
  if (Array.isArray(own["enum"])) return own["enum"].map(String);
  for (const part of list(schema["allOf"])) {
    const ref = text(object(part)["$ref"]);
    if (ref !== undefined) {
      const found = fixedValues(ctx, ref, property, depth + 1);
      if (found.length > 0) return found;
    }
    const inline = object(object(object(part)["properties"])[property]);
    if (inline["const"] !== undefined) return [String(inline["const"])];
    if (Array.isArray(inline["enum"])) return inline["enum"].map(String);
  }
  return [];
}
