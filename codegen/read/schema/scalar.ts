/** Strings and numbers. */
import { DIGITS_PATTERN } from "../../../src/core/json.ts";
import type { Cursor } from "../../load/cursor.ts";
import type { DigitsAs, Schema } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import { defined, isKind, readChoice, readNumber } from "../fields/fields.ts";

export function readString(ctx: Context, cursor: Cursor): Schema {
  const format = text(ctx, cursor, "format");
  const encoding = cursor.at("contentEncoding")?.value;
  if (format === "binary" && encoding === undefined) return { kind: "bytes" };
  const pattern = text(ctx, cursor, "pattern");
  if (pattern !== undefined) checkPattern(ctx, cursor.at("pattern") ?? cursor, pattern);
  const minLength = count(ctx, cursor, "minLength");
  const maxLength = count(ctx, cursor, "maxLength");
  checkOrder(ctx, cursor, "minLength", minLength, "maxLength", maxLength);
  return defined({ kind: "string" as const, format, pattern, minLength, maxLength }) as Schema;
}

const DIGITS_AS: readonly DigitsAs[] = ["text", "bigint"];

/** Of JSON Schema, whose limits are numbers. */
const LIMITS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];

export function readNumeric(ctx: Context, cursor: Cursor, kind: "number" | "integer"): Schema {
  const as = kind === "integer" ? cursor.at("as") : undefined;
  const digits = as && readChoice(ctx.report, as, DIGITS_AS);
  if (digits !== undefined) return readDigits(ctx, cursor, digits);
  let minimum = limit(ctx, cursor, "minimum");
  let maximum = limit(ctx, cursor, "maximum");
  // OpenAPI 3.0 writes `exclusiveMinimum: true` beside `minimum`; 3.1 writes the number.
  const below = cursor.at("exclusiveMaximum");
  const above = cursor.at("exclusiveMinimum");
  let exclusiveMinimum = typeof above?.value === "boolean"
    ? undefined
    : limit(ctx, cursor, "exclusiveMinimum");
  let exclusiveMaximum = typeof below?.value === "boolean"
    ? undefined
    : limit(ctx, cursor, "exclusiveMaximum");
  if (above?.value === true) [exclusiveMinimum, minimum] = [minimum, undefined];
  if (below?.value === true) [exclusiveMaximum, maximum] = [maximum, undefined];
  checkOrder(
    ctx,
    cursor,
    "minimum",
    minimum ?? exclusiveMinimum,
    "maximum",
    maximum ?? exclusiveMaximum,
  );
  const step = cursor.at("multipleOf");
  const multipleOf = step && readNumber(ctx.report, step, { min: Number.MIN_VALUE });
  const format = text(ctx, cursor, "format");
  return defined({
    kind,
    format,
    minimum,
    maximum,
    exclusiveMinimum,
    exclusiveMaximum,
    multipleOf,
  }) as Schema;
}

/** A whole number on the wire, and something that keeps all of its digits in programs. */
function readDigits(ctx: Context, cursor: Cursor, digits: DigitsAs): Schema {
  for (const key of LIMITS) {
    if (cursor.at(key) === undefined) continue;
    const message = `\`${key}\` does not apply to an integer that is read \`as: ${digits}\`.`;
    ctx.report.add("VC1203", cursor.keyCursor(key), message, "Remove one of the two.", "key");
  }
  const format = text(ctx, cursor, "format");
  return defined({
    kind: "string" as const,
    digits,
    format,
    pattern: DIGITS_PATTERN,
  }) as Schema;
}

function text(ctx: Context, cursor: Cursor, key: string): string | undefined {
  const at = cursor.at(key);
  return at !== undefined && isKind(ctx.report, at, "text") ? String(at.value) : undefined;
}

function limit(ctx: Context, cursor: Cursor, key: string): number | undefined {
  const at = cursor.at(key);
  return at && readNumber(ctx.report, at);
}

/** A length or count. */
export function count(ctx: Context, cursor: Cursor, key: string): number | undefined {
  const at = cursor.at(key);
  return at && readNumber(ctx.report, at, { min: 0, integer: true });
}

export function checkOrder(
  ctx: Context,
  cursor: Cursor,
  low: string,
  least: number | undefined,
  high: string,
  most: number | undefined,
): void {
  if (least === undefined || most === undefined || least <= most) return;
  const message = `\`${low}\` ${least} is above \`${high}\` ${most}, so nothing is valid.`;
  ctx.report.add(
    "VC1204",
    cursor.at(low) ?? cursor,
    message,
    `Make \`${low}\` at most \`${high}\`.`,
  );
}

/** Patterns are compiled by the generated validation with the `u` flag, as JSON Schema says. */
export function checkPattern(ctx: Context, at: Cursor, pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    const message = `\`${pattern}\` is not a regular expression of JavaScript (with flag u).`;
    ctx.report.add(
      "VC1205",
      at,
      message,
      "Escape special characters with a backslash, and no others.",
    );
    return false;
  }
}
