/** Data as TypeScript source, and the few bits of code that stand in it. */
import type { Writer } from "./writer.ts";

/** Source text inside of data: the name of an import, or an expression. */
export class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A call without side effects; bundlers may leave it out when nothing uses its result. */
export class PureCall {
  readonly name: string;
  readonly args: readonly Literal[];
  constructor(name: string, args: readonly Literal[]) {
    this.name = name;
    this.args = args;
  }
}

export type Literal =
  | string
  | number
  | boolean
  | null
  | undefined
  | Code
  | PureCall
  | readonly Literal[]
  | { readonly [key: string]: Literal };

const WIDTH = 96;
const UNUSUAL = /[\u2028\u2029\u007f-\u009f\ufeff]/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A string in double quotes. Line separators are escaped, though legal, because editors stumble over them. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  // Most texts are plain, and a search is faster than a replacement.
  if (!UNUSUAL.test(quoted)) return quoted;
  return quoted.replace(
    /[\u2028\u2029\u007f-\u009f\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function propertyKey(name: string): string {
  // As a plain key it would set the prototype.
  if (name === "__proto__") return `["__proto__"]`;
  return IDENTIFIER.test(name) ? name : quote(name);
}

/** Undefined properties are left out. On one line where it fits. `used`: characters of the line that are taken. */
export function writeLiteral(writer: Writer, value: Literal, used = 0): void {
  writer.writeIndented(layout(measure(value), writer.level, used));
}

/** A value whose text on one line is known, or known to be too long for any line. */
interface Measured {
  readonly line: string | undefined;
  readonly open: string;
  readonly close: string;
  readonly entries: readonly { readonly prefix: string; readonly value: Measured }[];
  /** Arguments of a call stay on its line. */
  readonly isCall: boolean;
}

/** From the inside out, each part once: trying at every level whether it fits would take quadratic time. */
function measure(value: Literal): Measured {
  if (value instanceof PureCall) {
    return group(
      `/* @__PURE__ */ ${value.name}(`,
      ")",
      value.args.map((arg) => entry("", arg)),
      "",
      true,
    );
  }
  if (typeof value !== "object" || value === null || value instanceof Code) {
    return leaf(scalarText(value));
  }
  if (Array.isArray(value)) {
    return group("[", "]", (value as readonly Literal[]).map((item) => entry("", item)), "", false);
  }
  const entries: Measured["entries"][number][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) entries.push(entry(`${propertyKey(key)}: `, item));
  }
  return entries.length === 0 ? leaf("{}") : group("{", "}", entries, " ", false);
}

function entry(prefix: string, value: Literal): Measured["entries"][number] {
  return { prefix, value: measure(value) };
}

function leaf(line: string): Measured {
  return { line, open: line, close: "", entries: [], isCall: false };
}

function group(
  open: string,
  close: string,
  entries: Measured["entries"],
  pad: string,
  isCall: boolean,
): Measured {
  let line: string | undefined = open + pad;
  let separator = "";
  for (const { prefix, value } of entries) {
    if (value.line === undefined || line.length > WIDTH) {
      line = undefined;
      break;
    }
    line += separator + prefix + value.line;
    separator = ", ";
  }
  return {
    line: line === undefined ? undefined : line + pad + close,
    open,
    close,
    entries,
    isCall,
  };
}

/** With the indentation of its lines: to add that level by level afterwards would copy the text once for each. */
function layout(value: Measured, level: number, used: number): string {
  const { line, open, close, entries } = value;
  if (line !== undefined && (entries.length === 0 || line.length <= WIDTH - 2 * level - used)) {
    return line;
  }
  if (value.isCall) {
    return open + entries.map((one) => layout(one.value, level, used)).join(", ") + close;
  }
  const indent = "  ".repeat(level + 1);
  let text = `${open}\n`;
  for (const { prefix, value: item } of entries) {
    text += `${indent}${prefix}${layout(item, level + 1, prefix.length)},\n`;
  }
  return `${text}${"  ".repeat(level)}${close}`;
}

function scalarText(value: string | number | boolean | null | undefined | Code): string {
  if (value instanceof Code) return value.text;
  return typeof value === "string" ? quote(value) : String(value);
}
