/** Header fields that are sent with every call. */
import type { Cursor } from "../load/cursor.ts";
import type { HeaderModel } from "../model/ir.ts";
import type { Context } from "./context.ts";
import { entriesOf } from "./fields/fields.ts";
import type { Report } from "./report/report.ts";
import { readTemplate } from "./selector/template.ts";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Set by the client itself, or never by a caller. */
const OWN = new Set([
  "accept",
  "connection",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** False after reporting. */
export function checkHeaderName(
  report: Report,
  at: Cursor,
  name: string,
  part: "key" | "value",
): boolean {
  if (isHeaderName(name)) return true;
  const help = "Use letters, digits and -, such as `X-Request-Id`.";
  report.add("VC1111", at, `\`${name}\` is not the name of a header.`, help, part);
  return false;
}

/** For headers that a spec sends, besides the check of the name. */
export function checkSentHeader(
  report: Report,
  at: Cursor,
  name: string,
  part: "key" | "value",
): boolean {
  if (!checkHeaderName(report, at, name, part)) return false;
  if (!OWN.has(name.toLowerCase())) return true;
  const lower = name.toLowerCase();
  const help = lower === "accept"
    ? "It follows from `result`; `result: { json: …, accept: … }` changes it."
    : lower === "content-type"
    ? "It follows from `body`; `body: { json: …, contentType: … }` changes it."
    : lower === "cookie"
    ? "Use a parameter with `in: cookie`, or `auth: { type: apiKey, in: cookie }`."
    : "Remove it.";
  report.add("VC1612", at, `The header \`${name}\` is set for you.`, help, part);
  return false;
}

/** For headers of a part of a multipart body. */
export function checkPartHeader(report: Report, at: Cursor, name: string): boolean {
  if (!checkHeaderName(report, at, name, "key")) return false;
  if (!/^content-(type|disposition)$/i.test(name)) return true;
  const help = "`contentType` beside `headers` is the type of the part.";
  report.add("VC1612", at, `The header \`${name}\` of a part is set for you.`, help, "key");
  return false;
}

export function readHeaders(ctx: Context, cursor: Cursor): HeaderModel[] {
  const seen = new Map<string, string>();
  return entriesOf(ctx.report, cursor).flatMap(([name, at]): HeaderModel[] => {
    if (!checkSentHeader(ctx.report, at, name, "key")) return [];
    const other = seen.get(name.toLowerCase());
    if (other !== undefined) {
      const message = `\`${name}\` and \`${other}\` are the same header.`;
      ctx.report.add("VC2102", at, message, "Keep one of the two.", "key");
    }
    seen.set(name.toLowerCase(), name);
    const value = readTemplate(ctx, at, { roots: ["config"], optional: true });
    return value === undefined ? [] : [{ name, value, at: ctx.report.position(at) }];
  });
}
