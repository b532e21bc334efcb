/** `idempotency`: the header by which the API recognises a repeated call. */
import type { Cursor } from "../../load/cursor.ts";
import type { IdempotencyModel } from "../../model/operation.ts";
import type { Context } from "../context.ts";
import { Fields } from "../fields/fields.ts";
import { checkSentHeader } from "../headers.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE", "QUERY"]);

export function isSafe(method: string): boolean {
  return SAFE.has(method);
}

export function readIdempotency(ctx: Context, cursor: Cursor): IdempotencyModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "idempotency");
  const header = fields?.text("header");
  const at = fields?.at("header");
  if (fields === undefined || header === undefined || at === undefined) return undefined;
  if (!checkSentHeader(ctx.report, at, header, "value")) return undefined;
  return { header, generate: fields.boolean("generate") ?? true };
}
