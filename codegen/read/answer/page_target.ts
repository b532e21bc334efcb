/** Where the next page's cursor or number goes: an input parameter, or a place in the JSON body. */
import type { Cursor } from "../../load/cursor.ts";
import type { BodyModel, ParameterModel } from "../../model/operation.ts";
import type { PageTarget } from "../../model/pagination.ts";
import type { Schema } from "../../model/schema.ts";
import type { Selector } from "../../model/selector.ts";
import type { Context } from "../context.ts";
import { readText } from "../fields/fields.ts";
import { readSelectorIn } from "../selector/selector_in.ts";
import { kindsOf } from "../selector/selector_type.ts";
import { didYouMean } from "../report/suggest.ts";
import { propertyNames, propertyOf } from "../../model/types/resolve.ts";

interface Target {
  readonly parameters: readonly ParameterModel[];
  readonly body: BodyModel | undefined;
}

export function readPageTarget(
  ctx: Context,
  at: Cursor,
  operation: Target,
  kinds: readonly string[],
): PageTarget | undefined {
  const name = readText(ctx.report, at);
  if (name === undefined) return undefined;
  const body = operation.body?.kind === "json" ? operation.body : undefined;
  if (name.startsWith("$")) return ofBody(ctx, at, body, kinds);
  const parameter = operation.parameters.find((one) => one.name === name);
  if (parameter !== undefined) {
    return fits(ctx, at, parameter.schema, name, kinds) ? { kind: "parameter", name } : undefined;
  }
  const property = body?.mode === "spread" ? propertyOf(ctx.types, body.schema, name) : undefined;
  if (property !== undefined) {
    return fits(ctx, at, property, name, kinds) ? { kind: "body", path: [name] } : undefined;
  }
  const known = operation.parameters.map((one) => one.name);
  if (body?.mode === "spread") known.push(...propertyNames(ctx.types, body.schema));
  const help = known.length === 0
    ? `Declare it: \`input: { ${name}: { in: query, type: ${
      kinds.includes("string") ? "string" : "integer"
    }, optional: true } }\`.`
    : didYouMean(name, known, "parameters");
  ctx.report.add("VC1801", at, `The operation has no parameter \`${name}\`.`, help);
  return undefined;
}

function ofBody(
  ctx: Context,
  at: Cursor,
  body: BodyModel | undefined,
  kinds: readonly string[],
): PageTarget | undefined {
  if (body === undefined) {
    ctx.report.add("VC1801", at, "The operation has no JSON body.", "Name a parameter of `input`.");
    return undefined;
  }
  const selector = readSelectorIn(ctx, at, body.schema, { root: "body", kinds });
  const path = selector === undefined ? [] : keysOf(selector);
  return path.length === 0 ? undefined : { kind: "body", path };
}

function keysOf(selector: Selector): string[] {
  return selector.segments.flatMap((segment) => segment.kind === "key" ? [segment.key] : []);
}

function fits(
  ctx: Context,
  at: Cursor,
  schema: Schema,
  name: string,
  kinds: readonly string[],
): boolean {
  const found = kindsOf(ctx.types, schema);
  if (found.has("unknown") || kinds.some((kind) => found.has(kind))) return true;
  const message = `The parameter \`${name}\` is of kind ${[...found].join(" or ")}.`;
  ctx.report.add(
    "VC1804",
    at,
    message,
    `A parameter of kind ${kinds.join(" or ")} is needed here.`,
  );
  return false;
}
