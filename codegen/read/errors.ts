/** `errors`: how the API reports failures, and which class each failure becomes. */
import type { Cursor } from "../load/cursor.ts";
import type { ErrorRule, ErrorsModel } from "../model/error_rule.ts";
import type { Schema } from "../model/schema.ts";
import type { Selector } from "../model/selector.ts";
import type { Context } from "./context.ts";
import { readConditions } from "./selector/conditions.ts";
import { defined, entriesOf, Fields } from "./fields/fields.ts";
import { checkHeaderName } from "./headers.ts";
import { isIdentifier, isTakenType, pascalCase } from "./names.ts";
import { readSelectorIn } from "./selector/selector_in.ts";
import { readStatus, type StatusRange } from "./fields/status.ts";

const FAILURES: readonly StatusRange[] = [{ from: 400, to: 599 }];

export function readErrors(ctx: Context, cursor: Cursor): ErrorsModel {
  const fields = Fields.read(ctx.report, cursor, "errors");
  if (fields === undefined) return { rules: [] };
  const typeAt = fields.at("type");
  const schema = typeAt && ctx.readSchema(ctx, typeAt);
  ctx.readTypes();
  const requestId = fields.text("requestId");
  const requestIdAt = fields.at("requestId");
  if (requestId !== undefined && requestIdAt !== undefined) {
    checkHeaderName(ctx.report, requestIdAt, requestId, "value");
  }
  return defined({
    message: selector(ctx, fields, "message", schema),
    code: selector(ctx, fields, "code", schema),
    requestId: requestId?.toLowerCase(),
    schema,
    rules: readRules(ctx, fields.list("rules"), schema, []),
  }) as ErrorsModel;
}

function selector(
  ctx: Context,
  fields: Fields,
  key: string,
  schema: Schema | undefined,
): Selector | undefined {
  const at = fields.at(key);
  return at && readSelectorIn(ctx, at, schema, { kinds: ["string", "number"] });
}

/** `before`: rules that are checked first, and may make these unreachable. */
export function readRules(
  ctx: Context,
  cursors: readonly Cursor[],
  schema: Schema | undefined,
  before: readonly ErrorRule[],
): ErrorRule[] {
  const rules: ErrorRule[] = [];
  for (const at of cursors) {
    const rule = readRule(ctx, at, schema);
    if (rule === undefined) continue;
    const covering = [...before, ...rules].find((earlier) => covers(earlier, rule));
    if (covering !== undefined) {
      const message =
        `This rule can never match: the rule for ${covering.class} on line ${covering.at.line} comes first.`;
      ctx.report.add("VC1901", at, message, "Move it before that one, or narrow that one.");
    }
    rules.push(rule);
  }
  return rules;
}

function covers(earlier: ErrorRule, later: ErrorRule): boolean {
  if (earlier.body.length > 0 || earlier.headers.length > 0) {
    const same = JSON.stringify([earlier.body, earlier.headers]) ===
      JSON.stringify([later.body, later.headers]);
    if (!same) return false;
  }
  const ranges = later.status.length === 0 ? FAILURES : later.status;
  const over = earlier.status.length === 0 ? FAILURES : earlier.status;
  return ranges.every((range) => over.some((one) => one.from <= range.from && one.to >= range.to));
}

function readRule(
  ctx: Context,
  cursor: Cursor,
  inherited: Schema | undefined,
): ErrorRule | undefined {
  const fields = Fields.read(ctx.report, cursor, "errorRule");
  if (fields === undefined) return undefined;
  const typeAt = fields.at("type");
  const schema = typeAt === undefined ? inherited : ctx.readSchema(ctx, typeAt);
  ctx.readTypes();
  const bodyAt = fields.at("body");
  const body = bodyAt === undefined ? [] : readConditions(ctx, bodyAt, schema);
  const status = fields.list("status").flatMap((at) => readRange(ctx, at, bodyAt !== undefined));
  const headersAt = fields.at("headers");
  const headers = headersAt === undefined
    ? []
    : entriesOf(ctx.report, headersAt).map(([name, at]) => {
      checkHeaderName(ctx.report, at, name, "key");
      const values = at.kind === "list" ? at.items() : [at];
      return { name: name.toLowerCase(), oneOf: values.map((value) => String(value.value)) };
    });
  const names = readClass(ctx, fields, typeAt === undefined ? undefined : schema);
  if (names === undefined) return undefined;
  return defined({
    status,
    body,
    headers,
    ...names,
    retry: fields.choice("retry", ["default", "never", "idempotent", "always"]) ?? "default",
    message: selector(ctx, fields, "message", schema),
    schema,
    doc: fields.text("description"),
    at: ctx.report.position(cursor),
  }) as ErrorRule;
}

/** Some APIs fail with status 200; then only the body shows it. */
function readRange(ctx: Context, at: Cursor, hasBody: boolean): StatusRange[] {
  const range = readStatus(ctx.report, at, "VC1902");
  if (range === undefined) return [];
  if (range.from < 400 && !hasBody) {
    const help = "Say what makes it an error: `body: { $.ok: false }`.";
    ctx.report.add("VC1904", at, `Status ${String(at.value)} is a success.`, help);
    return [];
  }
  return [range];
}

function readClass(
  ctx: Context,
  fields: Fields,
  schema: Schema | undefined,
): { class: string; className: string } | undefined {
  const name = fields.text("class");
  const at = fields.at("class");
  if (name === undefined || at === undefined) return undefined;
  if (!isIdentifier(name) || !/^[A-Z]/.test(name)) {
    const help = `Start with a capital letter, such as \`${pascalCase(name) || "RateLimit"}\`.`;
    ctx.report.add("VC2101", at, `\`${name}\` cannot be the name of an error class.`, help);
    return undefined;
  }
  const className = /(Error|Exception)$/.test(name) ? name : `${name}Error`;
  if (isTakenType(className) || ctx.types.entries.has(className)) {
    const whose = isTakenType(className)
      ? "a name that the generated code uses"
      : "also a type of this connector";
    ctx.report.add("VC2103", at, `\`${className}\` is ${whose}.`, "Choose another name.");
    return undefined;
  }
  const known = ctx.errorClasses.get(className);
  const shape = JSON.stringify(schema ?? null);
  if (known === undefined) ctx.errorClasses.set(className, { shape });
  else if (known.shape !== shape && schema !== undefined) {
    const message = `The error class \`${name}\` already has another type of body.`;
    ctx.report.add("VC1903", at, message, "Give this rule a class of its own.");
  }
  return { class: name, className };
}
