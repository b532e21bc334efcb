/** Examples have whole numbers as text, as JSON does; a program writes those that are read `as: bigint` as `42n`. */
import type { OperationModel } from "../operation.ts";
import type { Schema } from "../schema.ts";
import { type NamedTypes, propertyOf, resolve } from "./resolve.ts";

const WHOLE = /^-?\d+$/;

/** The input of an operation with what `write` makes of the digits of each `bigint`. */
export function withBigints(
  types: NamedTypes,
  { parameters, body }: OperationModel,
  input: Readonly<Record<string, unknown>>,
  write: (digits: string) => unknown,
): Readonly<Record<string, unknown>> {
  const named = new Map(parameters.map(({ name, schema }) => [name, schema]));
  const walk = (schema: Schema | undefined, value: unknown): unknown => {
    if (schema === undefined) return value;
    if (typeof value === "string") {
      return WHOLE.test(value) && isBigint(types, schema) ? write(value) : value;
    }
    if (Array.isArray(value)) {
      return value.map((one, at) => walk(itemOf(types, schema, at), one));
    }
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, walk(propertyOf(types, schema, key), one)]),
    );
  };
  return Object.fromEntries(
    Object.entries(input).map(([key, value]) => {
      const own = named.get(key) ??
        (body?.mode === "key"
          ? key === body.key ? body.schema : undefined
          : body && propertyOf(types, body.schema, key));
      return [key, walk(own, value)];
    }),
  );
}

function isBigint(types: NamedTypes, schema: Schema): boolean {
  const at = resolve(types, schema);
  if (at.kind === "union" || at.kind === "intersection") {
    return at.members.some((one) => isBigint(types, one));
  }
  return at.kind === "string" && at.digits === "bigint";
}

function itemOf(types: NamedTypes, schema: Schema, index: number): Schema | undefined {
  const at = resolve(types, schema);
  switch (at.kind) {
    case "array":
      return at.items;
    case "tuple":
      return at.items[index] ?? at.rest;
    case "union":
    case "intersection":
      return at.members.map((one) => itemOf(types, one, index)).find((one) => one !== undefined);
    default:
      return undefined;
  }
}
