/** `input` of an operation: what callers give, bound in the order of its first use. */
import type { Cursor } from "../../load/cursor.ts";
import type { BoundInput, Protocol } from "../../model/database.ts";
import type { BodyModel } from "../../model/operation.ts";
import type { ObjectSchema, PropertyModel, Schema } from "../../model/schema.ts";
import { resolve } from "../../model/types/resolve.ts";
import type { Context } from "../context.ts";
import { entriesOf, isKind } from "../fields/fields.ts";
import { UNSAFE_MEMBERS } from "../names.ts";
import { containsBytes } from "../types/contains_bytes.ts";
import type { LockedInput } from "./lock.ts";
import { inputTypeOf } from "./types.ts";

export const INPUT_KEYS: readonly string[] = ["optional"];

export interface Input {
  readonly name: string;
  readonly schema: Schema;
  readonly required: boolean;
  readonly at: Cursor;
}

export function readInputs(ctx: Context, cursor: Cursor | undefined): Input[] {
  if (cursor === undefined) return [];
  const help = "Write each with its type: `input: { customer: integer }`.";
  return entriesOf(ctx.report, cursor, help).flatMap(([name, at]) =>
    readInput(ctx, name, at) ?? []
  );
}

function readInput(ctx: Context, name: string, at: Cursor): Input | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name) || UNSAFE_MEMBERS.has(name)) {
    const help = "Use letters of the alphabet, digits and _, such as `customer`.";
    ctx.report.add("VC2101", at, `\`${name}\` cannot be the name of an input.`, help, "key");
    return undefined;
  }
  const schema = ctx.readSchema(ctx, at, { extra: INPUT_KEYS });
  ctx.readTypes();
  if (containsBytes(ctx.types, schema)) {
    const help = "Give them as base64 text: `{ type: string, format: byte }`.";
    ctx.report.add("VC1213", at, "An input cannot be the bytes of a file.", help);
  }
  const optionalAt = at.at("optional");
  const optional = optionalAt !== undefined && isKind(ctx.report, optionalAt, "boolean") &&
    optionalAt.value === true;
  return { name, schema, required: !optional && schema.default === undefined, at };
}

/** For an operation that declares none: the types are the server's. */
export function lockedInputs(
  protocol: Protocol,
  inputs: readonly LockedInput[],
  at: Cursor,
): Input[] {
  return inputs.map((input) => ({
    name: input.name,
    schema: inputTypeOf(protocol, input),
    required: true,
    at,
  }));
}

/** In the order in which they are bound. */
export function boundInputs(
  ctx: Context,
  names: readonly string[],
  inputs: readonly Input[],
): BoundInput[] {
  return names.flatMap((name) => {
    const input = inputs.find((one) => one.name === name);
    if (input === undefined) return [];
    const schema = resolve(ctx.types, input.schema);
    const bytes = schema.kind === "string" && schema.format === "byte";
    if (input.required) return [{ name, bytes }];
    return [{ name, bytes, fallback: input.schema.default ?? null }];
  });
}

/** One JSON object, as callers, the worker and a stand-in see it. */
export function bodyOf(ctx: Context, inputs: readonly Input[], at: Cursor): BodyModel | undefined {
  if (inputs.length === 0) return undefined;
  const properties = inputs.map(({ name, schema, required }): PropertyModel => ({
    name,
    schema,
    required,
  }));
  const schema: ObjectSchema = { kind: "object", properties, additional: false };
  return {
    kind: "json",
    schema,
    contentType: "application/json",
    nested: "brackets",
    arrays: "repeat",
    parts: [],
    required: true,
    mode: "spread",
    key: "",
    alternatives: [],
    at: ctx.report.position(at),
  };
}
