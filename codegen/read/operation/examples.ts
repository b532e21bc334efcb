/** `examples` of an operation. They become documentation and mocks, so each must match the types. */
import type { Cursor } from "../../load/cursor.ts";
import type { ErrorRule, ErrorsModel } from "../../model/error_rule.ts";
import type { ExampleModel, OperationModel } from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { Json, JsonScalar, Selector } from "../../model/selector.ts";
import type { Context } from "../context.ts";
import { defined, Fields, isKind } from "../fields/fields.ts";
import { checkInput } from "./input.ts";
import { readStatus } from "../fields/status.ts";
import { tellMisfits, ValueCheck } from "../value/value.ts";

export function readExamples(
  ctx: Context,
  cursors: readonly Cursor[],
  operation: OperationModel,
  errors: ErrorsModel,
): ExampleModel[] {
  const names = new Set<string>();
  return cursors.flatMap((cursor): ExampleModel[] => {
    const fields = Fields.read(ctx.report, cursor, "example");
    const name = fields?.text("name");
    if (fields === undefined || name === undefined) return [];
    if (names.has(name)) {
      ctx.report.add(
        "VC2303",
        fields.at("name") ?? cursor,
        `There is already an example \`${name}\`.`,
        "Give it another name.",
      );
    }
    names.add(name);
    return [readExample(ctx, fields, name, operation, errors)];
  });
}

function readExample(
  ctx: Context,
  fields: Fields,
  name: string,
  operation: OperationModel,
  errors: ErrorsModel,
): ExampleModel {
  const inputAt = fields.at("input");
  const outputAt = fields.at("output");
  const eventsAt = fields.at("events");
  const statusAt = fields.at("status");
  const status = statusAt === undefined
    ? 200
    : readStatus(ctx.report, statusAt, "VC1902")?.from ?? 200;
  const isInput = inputAt === undefined || isKind(ctx.report, inputAt, "mapping");
  const input = isInput ? (inputAt?.json() ?? {}) as Record<string, Json> : {};
  // An example of a failure may show invalid input.
  if (isInput && status < 400) {
    tellMisfits(
      ctx,
      inputAt ?? fields.cursor,
      "VC2301",
      checkInput(ctx.types, operation, input),
      "The input does not fit: ",
    );
  }
  if (outputAt !== undefined) checkOutput(ctx, outputAt, operation, errors, status);
  if (eventsAt !== undefined) checkEvents(ctx, eventsAt, operation);
  return defined({
    name,
    doc: fields.text("description"),
    input,
    output: outputAt?.json() as Json | undefined,
    events: eventsAt?.kind === "list" ? eventsAt.json() as Json[] : undefined,
    status,
    headers: fields.entries("headers").map(([header, at]) => [header, String(at.value)] as const),
    at: ctx.report.position(fields.cursor),
  }) as ExampleModel;
}

function checkOutput(
  ctx: Context,
  at: Cursor,
  operation: OperationModel,
  errors: ErrorsModel,
  status: number,
): void {
  const { result } = operation;
  const failure = failureRule([...operation.errors, ...errors.rules], status, at.json());
  if (status >= 400 || failure !== undefined) {
    return checkValue(ctx, at, failure?.schema ?? errors.schema, "The error does not fit: ");
  }
  if (result.kind === "none") {
    const help = "Remove `output`, or give the operation a `result`.";
    ctx.report.add("VC2302", at, "This operation has no result.", help, "key");
    return;
  }
  checkValue(ctx, at, result.schema, "The output does not fit: ");
}

/** The rule that makes an answer an error, even one with a successful status. */
function failureRule(
  rules: readonly ErrorRule[],
  status: number,
  body: unknown,
): ErrorRule | undefined {
  return rules.find((rule) =>
    (rule.status.length === 0
      ? status >= 400
      : rule.status.some(({ from, to }) => from <= status && status <= to)) &&
    rule.body.every(({ selector, oneOf }) => oneOf.includes(valueAt(selector, body) ?? null))
  );
}

/** Supports only what error rules use: keys and indices. Undefined for anything but a scalar. */
function valueAt(selector: Selector, value: unknown): JsonScalar | undefined {
  let at = value;
  for (const segment of selector.segments) {
    if (typeof at !== "object" || at === null) return undefined;
    if (segment.kind === "index" && Array.isArray(at)) at = at.at(segment.index);
    else if (segment.kind === "key" && Object.hasOwn(at, segment.key)) {
      at = (at as Record<string, unknown>)[segment.key];
    } else return undefined;
  }
  return typeof at === "object" ? undefined : at as JsonScalar;
}

function checkEvents(ctx: Context, at: Cursor, operation: OperationModel): void {
  if (operation.stream === undefined) {
    const help = "Use `output`, or give the operation a `stream`.";
    ctx.report.add("VC2302", at, "This operation does not stream.", help, "key");
  } else if (isKind(ctx.report, at, "list")) {
    for (const event of at.items()) {
      checkValue(ctx, event, operation.stream.item, "The event does not fit: ");
    }
  }
}

function checkValue(ctx: Context, at: Cursor, schema: Schema | undefined, lead: string): void {
  if (schema === undefined) return;
  const check = new ValueCheck(ctx.types, { direction: "response" });
  check.check(schema, at.json(), []);
  tellMisfits(ctx, at, "VC2301", check.misfits, lead);
}
