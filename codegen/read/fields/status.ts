/** Statuses: `429`, `5xx`, `500-599`. */
import type { Cursor } from "../../load/cursor.ts";
import type { Code } from "../report/codes.ts";
import { describe } from "./fields.ts";
import type { Report } from "../report/report.ts";

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

export function parseStatus(value: unknown): StatusRange | undefined {
  if (typeof value === "number") return range(value, value);
  if (typeof value !== "string") return undefined;
  const family = /^([1-5])xx$/i.exec(value);
  if (family !== null) return range(Number(family[1]) * 100, Number(family[1]) * 100 + 99);
  const pair = /^(\d{3})(?:-(\d{3}))?$/.exec(value);
  return pair === null ? undefined : range(Number(pair[1]), Number(pair[2] ?? pair[1]));
}

function range(from: number, to: number): StatusRange | undefined {
  return Number.isInteger(from) && from >= 100 && to <= 599 && from <= to
    ? { from, to }
    : undefined;
}

export function readStatus(report: Report, cursor: Cursor, code: Code): StatusRange | undefined {
  const found = parseStatus(cursor.value);
  if (found === undefined) {
    const help = "Write `429`, `5xx` or `500-599`.";
    report.add(code, cursor, `${describe(cursor)} is not an HTTP status.`, help);
  }
  return found;
}
