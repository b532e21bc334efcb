/** JSON with whole numbers of any size: text or `bigint` for programs (`as` in a spec), numbers on the wire. */
import { jsonWithDigits } from "../../core/json.ts";
import { invalidRequest } from "../../core/errors.ts";
import { jsonResultWith } from "../answer/results.ts";
import type { DigitTable, JsonReader } from "../data/digits.ts";
import type { ResultDecoder } from "../data/operation.ts";
import type { BodyEncoder, FormJson, ParameterEncoder } from "../data/request.ts";
import { withBigints } from "./bigints.ts";
import { changeAt, childAt, type Path } from "./scan.ts";

const encoder = new TextEncoder();

/** A parser of JSON. */
export function digitsJson(table: DigitTable, root: number): JsonReader {
  let hasBigints: boolean | undefined;
  return (text, json) => {
    const value: unknown = JSON.parse(changeAt(text, table, root, quoted));
    hasBigints ??= table.some(({ self }) => self === "bigint");
    return json || !hasBigints ? value : withBigints(value, table, root);
  };
}

export function digitsResult(table: DigitTable, root: number): ResultDecoder {
  return jsonResultWith(digitsJson(table, root));
}

export function digitsBody(table: DigitTable, root: number): BodyEncoder {
  return (value, { contentType }) => ({
    body: encoder.encode(write(table, root, value, [])),
    contentType,
  });
}

/** For JSON inside of a form. */
export function digitsForm(table: DigitTable, root: number): FormJson {
  return (value, path) => {
    let at: number | undefined = root;
    for (const key of path) at = at === undefined ? at : childAt(table[at], key);
    return at === undefined ? jsonWithDigits(value) : write(table, at, value, path);
  };
}

export function digitsQuery(table: DigitTable, root: number): ParameterEncoder {
  return (value, { wire, escape }) =>
    `${escape(wire)}=${escape(write(table, root, value, [wire]))}`;
}

export function digitsText(table: DigitTable, root: number): ParameterEncoder {
  return (value, { wire, escape }) => escape(write(table, root, value, [wire]));
}

function write(table: DigitTable, root: number, value: unknown, before: Path): string {
  return changeAt(jsonWithDigits(value), table, root, (token, path) => {
    if (token[0] !== '"') return token;
    const [, sign = "", digits] = /^"(-?)0*(\d+)"$/.exec(token) ?? [];
    if (digits !== undefined) return sign + digits;
    throw invalidRequest(
      "request.body",
      `${nameOf([...before, ...path])} must be a whole number, as its digits ("42"), not ${
        token.length > 40 ? `${token.slice(0, 40)}…` : token
      }`,
    );
  });
}

function nameOf(path: Path): string {
  const [first = "The body", ...rest] = path;
  return rest.reduce<string>(
    (name, key) => typeof key === "number" ? `${name}[${key}]` : `${name}.${key}`,
    String(first),
  );
}

/** A whole number, also one such as `1e3` or `5.0`, becomes text. All else stays. */
function quoted(token: string): string {
  if (/^-?(?:0|[1-9]\d*)$/.test(token)) return `"${token}"`;
  const found = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
  if (found === null) return token;
  const [, sign = "", whole = "", part = "", power = "0"] = found;
  const shift = Number(power) - part.length;
  // Beyond any integer format; a long text of zeros would only waste memory.
  if (Math.abs(shift) > 400) return token;
  const all = shift >= 0 ? whole + part + "0".repeat(shift) : wholeOf(whole + part, -shift);
  return all === undefined ? token : `"${sign}${all.replace(/^0+(?=\d)/, "")}"`;
}

/** Without the digits after the point, if these are zeros. */
function wholeOf(digits: string, after: number): string | undefined {
  const padded = digits.padStart(after + 1, "0");
  return /^0+$/.test(padded.slice(-after)) ? padded.slice(0, -after) : undefined;
}
