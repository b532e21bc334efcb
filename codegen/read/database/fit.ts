/** Whether what a spec lets callers give is what the server takes. */
import type { Schema } from "../../model/schema.ts";
import { resolve } from "../../model/types/resolve.ts";
import type { Context } from "../context.ts";
import type { Input } from "./inputs.ts";
import type { LockedInput } from "./lock.ts";

type Kind = "number" | "text" | "boolean" | "list" | "object";

const WANTED: Readonly<Record<string, readonly Kind[]>> = {
  bool: ["boolean"],
  int2: ["number"],
  int4: ["number"],
  oid: ["number"],
  float4: ["number"],
  float8: ["number"],
  int8: ["number", "text"],
  numeric: ["number", "text"],
};
const NAMES: Readonly<Record<Kind, string>> = {
  number: "a number",
  text: "text",
  boolean: "true or false",
  list: "a list",
  object: "an object",
};

/** Of PostgreSQL, which alone says of every value what it is; types that are not known to be of one kind are text. */
export function checkFits(
  ctx: Context,
  inputs: readonly Input[],
  locked: readonly LockedInput[],
): void {
  for (const { name, type } of locked) {
    const input = inputs.find((one) => one.name === name);
    if (input === undefined || /^jsonb?$|^unknown$|^$/.test(type)) continue;
    const wanted = type.endsWith("[]") ? ["list" as const] : WANTED[type] ?? ["text" as const];
    const given = kindsOf(ctx, input.schema, 0);
    if (given === undefined || given.some((kind) => wanted.includes(kind))) continue;
    const is = given.map((kind) => NAMES[kind]).join(" or ");
    const right = wanted.map((kind) => NAMES[kind]).join(" or ");
    ctx.report.add(
      "VC2613",
      input.at,
      `\`${name}\` is ${is}, and the server takes \`${type}\`.`,
      `Make it ${right}, or cast it in the statement: \`$${name}::${
        CASTS[given[0] ?? "text"]
      }::${type}\`.`,
    );
  }
}

const CASTS: Readonly<Record<Kind, string>> = {
  number: "numeric",
  text: "text",
  boolean: "boolean",
  list: "text[]",
  object: "jsonb",
};

/** Undefined: it may be anything. */
function kindsOf(ctx: Context, schema: Schema, depth: number): readonly Kind[] | undefined {
  const at = resolve(ctx.types, schema);
  switch (at.kind) {
    case "string":
      return ["text"];
    case "number":
    case "integer":
      return ["number"];
    case "boolean":
      return ["boolean"];
    case "array":
    case "tuple":
      return ["list"];
    case "object":
    case "record":
      return ["object"];
    case "enum":
      return [...new Set(at.values.map(kindOf))];
    case "const":
      return [kindOf(at.value)];
    case "union": {
      const all = depth > 8 ? [undefined] : at.members.map((one) => kindsOf(ctx, one, depth + 1));
      return all.includes(undefined) ? undefined : all.flatMap((one) => one ?? []);
    }
    default:
      return undefined;
  }
}

function kindOf(value: unknown): Kind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return Array.isArray(value) ? "list" : typeof value === "object" ? "object" : "text";
}
