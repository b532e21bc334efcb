/** `waitFor` of a long-running operation. Checked once all operations are known. */
import type { Cursor } from "../../load/cursor.ts";
import type { OperationModel, WaitForModel } from "../../model/operation.ts";
import type { Json } from "../../model/selector.ts";
import { readConditions } from "../selector/conditions.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { defined, entriesOf, Fields } from "../fields/fields.ts";
import { inputNames } from "../operation/input.ts";
import { readSelectorIn } from "../selector/selector_in.ts";
import { didYouMean } from "../report/suggest.ts";

export function readWaitFor(
  ctx: Context,
  cursor: Cursor,
  operation: OperationModel,
  operations: ReadonlyMap<string, OperationModel>,
): WaitForModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "waitFor");
  const poll = fields?.text("poll");
  const pollAt = fields?.at("poll");
  if (fields === undefined || poll === undefined || pollAt === undefined) return undefined;
  const polled = operations.get(poll);
  if (polled === undefined) {
    const help = didYouMean(poll, [...operations.keys()], "operations");
    ctx.report.add("VC2501", pollAt, `There is no operation \`${poll}\`.`, help);
    return undefined;
  }
  if (polled.result.kind !== "json" || (polled.method !== "GET" && polled.method !== "POST")) {
    const help = "Poll an operation that gets the state as JSON.";
    ctx.report.add("VC2503", pollAt, `\`${poll}\` does not answer with a state.`, help);
    return undefined;
  }
  const state = polled.result.schema;
  const input = readInput(ctx, fields, operation, polled);
  const untilAt = fields.at("until");
  const failedAt = fields.at("failed");
  const resultAt = fields.at("result");
  const intervalMs = fields.duration("interval") ?? 1000;
  const maxIntervalMs = fields.duration("maxInterval") ?? Math.max(intervalMs, 30_000);
  if (maxIntervalMs < intervalMs) {
    const at = fields.at("maxInterval") ?? cursor;
    ctx.report.add(
      "VC2004",
      at,
      "The longest interval is shorter than the first.",
      "Make `interval` at most `maxInterval`.",
    );
  }
  return defined({
    operation: poll,
    input,
    until: untilAt === undefined ? [] : readConditions(ctx, untilAt, state),
    failed: failedAt === undefined ? [] : readConditions(ctx, failedAt, state),
    intervalMs,
    maxIntervalMs,
    result: resultAt && readSelectorIn(ctx, resultAt, state),
    at: ctx.report.position(cursor),
  }) as WaitForModel;
}

function readInput(
  ctx: Context,
  fields: Fields,
  operation: OperationModel,
  polled: OperationModel,
): WaitForModel["input"] {
  const at = fields.at("input");
  const names = inputNames(ctx.types, polled);
  const given = at === undefined ? [] : entriesOf(ctx.report, at);
  for (const parameter of polled.parameters) {
    if (!parameter.required || given.some(([name]) => name === parameter.name)) continue;
    const message = `\`${polled.id}\` needs \`${parameter.name}\` to be polled.`;
    const help = `Add \`input: { ${parameter.name}: $.id }\`.`;
    ctx.report.add("VC2503", at ?? fields.cursor, message, help, "key");
  }
  const schema = operation.result.kind === "json" ? operation.result.schema : UNKNOWN;
  return given.map(([name, child]) => {
    if (!names.includes(name)) {
      const help = didYouMean(name, names, "inputs");
      ctx.report.add("VC2503", child, `\`${polled.id}\` has no input \`${name}\`.`, help, "key");
    }
    const fromResult = typeof child.value === "string" && child.value.startsWith("$");
    const from = fromResult ? readSelectorIn(ctx, child, schema) : undefined;
    return from === undefined ? { name, value: child.json() as Json } : { name, from };
  });
}
