/** Values of columns that are not what the server's types say: `as` of a call. */
import type { ColumnAs } from "../../../core/database/body.ts";
import { WRONG } from "../../../engine/database/failures.ts";

export type ColumnsAs = Readonly<Record<string, ColumnAs>>;

/** The JSON of a text. @throws ConnectorError `database.column`. */
export function textAs(as: ColumnAs, text: string, column: string): string {
  switch (as) {
    case "text":
      return JSON.stringify(text);
    case "number":
      if (!isExact(text)) throw WRONG.column(column, as);
      return text;
    case "boolean":
      if (/^(t|true|1)$/.test(text)) return "true";
      if (/^(f|false|0)$/.test(text)) return "false";
      throw WRONG.column(column, as);
    case "json":
      if (!isJson(text)) throw WRONG.column(column, as);
      return onOneLine(text);
  }
}

/** A number that JSON's readers would not change: all with up to 15 digits, and some longer ones. */
function isExact(text: string): boolean {
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return false;
  const digits = digitsOf(text);
  const value = Number(text);
  return Number.isFinite(value) && (digits.length <= 15 || digits === digitsOf(String(value)));
}

/** Without sign, point and zeros that say nothing. */
function digitsOf(text: string): string {
  const [mantissa = ""] = text.split(/e/i);
  const plain = mantissa.includes(".") ? mantissa.replace(/0+$/, "") : mantissa;
  return plain.replace(/[-.]/g, "").replace(/^0+/, "");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A line feed in JSON can only be between values, and would end the line of a stream. */
export function onOneLine(json: string): string {
  return /[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, " ") : json;
}
