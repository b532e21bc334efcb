/** `result` of an operation: a type (JSON), bytes, text, or nothing. */
import type { Cursor } from "../../load/cursor.ts";
import type { ResultModel } from "../../model/operation.ts";
import { readMediaType } from "../operation/body.ts";
import { containsBytes } from "../types/contains_bytes.ts";
import { type Context, UNKNOWN } from "../context.ts";
import { describe, Fields, readText } from "../fields/fields.ts";
import { readSelectorIn } from "../selector/selector_in.ts";

const KINDS = ["json", "binary", "text"] as const;

/** `cursor` undefined: the operation has no result. */
export function readResult(
  ctx: Context,
  cursor: Cursor | undefined,
  operation: Cursor,
): ResultModel {
  const at = ctx.report.position(cursor ?? operation);
  if (cursor === undefined) {
    return { kind: "none", schema: UNKNOWN, accept: "*/*", mayBeEmpty: true, at };
  }
  const [kind] = cursor.kind === "mapping"
    ? KINDS.filter((one) => cursor.at(one) !== undefined)
    : [];
  const inner = kind === undefined ? cursor : cursor.at(kind) ?? cursor;
  const fields = kind === undefined ? undefined : Fields.read(ctx.report, cursor, "result");
  const asked = readAccept(ctx, fields?.at("accept"));
  const mayBeEmpty = fields?.boolean("mayBeEmpty") ?? false;
  if (kind === "binary" || kind === "text") {
    const accept = asked ?? readMediaType(ctx, inner) ?? "*/*";
    return {
      kind,
      schema: { kind: kind === "binary" ? "bytes" : "string" },
      accept,
      mayBeEmpty,
      at,
    };
  }
  const schema = ctx.readSchema(ctx, inner);
  ctx.readTypes();
  if (containsBytes(ctx.types, schema)) {
    const help = "Use `result: { binary: application/octet-stream }`, or base64 text.";
    ctx.report.add("VC1213", cursor, "A JSON result cannot contain the bytes of a file.", help);
  }
  const selectAt = fields?.at("select");
  const select = selectAt && readSelectorIn(ctx, selectAt, schema);
  return {
    kind: "json",
    schema,
    accept: asked ?? "application/json",
    mayBeEmpty,
    at,
    ...(select === undefined ? {} : { select }),
  };
}

const RANGE = String.raw`[\w.+*-]+\/[\w.+*-]+(?:\s*;\s*[\w-]+=[\w.+-]+)*`;
const RANGES = new RegExp(`^${RANGE}(?:\\s*,\\s*${RANGE})*$`);

function readAccept(ctx: Context, at: Cursor | undefined): string | undefined {
  const text = at && readText(ctx.report, at);
  if (at === undefined || text === undefined || RANGES.test(text)) return text;
  const help = "Write one such as `application/vnd.api+json` or `image/*`; several with commas.";
  ctx.report.add("VC1105", at, `${describe(at)} is not a media type.`, help);
  return undefined;
}
