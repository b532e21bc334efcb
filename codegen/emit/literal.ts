/** Data as TypeScript source, with a few bits of code in it. */
import type { Writer } from "./writer.ts";

/** Source text within data: the name of an import, or an expression. */
export class Code {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A call without side effects; bundlers may drop it if its result is unused. */
export class PureExpression {
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
  | PureExpression
  | readonly Literal[]
  | { readonly [key: string]: Literal };

const WIDTH = 116;
const UNUSUAL = /[\u2028\u2029\u007f-\u009f\ufeff]/;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A string in double quotes. Line separators are escaped, though legal, because editors trip over them. */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  // Most strings are plain, and a search is faster than a replacement.
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

/** Undefined properties are left out. On one line if it fits. `used`: characters already on the line. */
export function writeLiteral(writer: Writer, value: Literal, used = 0): void {
  writer.writeIndented(layout(measure(value), writer.level, used));
}

/** A value whose text on one line is known, or too long for any line. */
interface Measured {
  readonly line: string | undefined;
  /** The width that counts: only the start of a long text, as it is too long anywhere. */
  readonly size: number;
  readonly open: string;
  readonly pad: string;
  readonly close: string;
  readonly entries: readonly Entry[];
  /** A call's arguments stay on its line. */
  readonly isCall: boolean;
}

interface Entry {
  readonly prefix: string;
  readonly value: Measured;
}

/** From the inside out, each part once: trying every level for fit would take quadratic time. */
function measure(value: Literal): Measured {
  if (value instanceof PureExpression) {
    const args = value.args.map((arg) => entry("", arg));
    return group(`/* @__PURE__ */ ${value.name}(`, ")", args, "", true);
  }
  if (typeof value !== "object" || value === null || value instanceof Code) {
    return leaf(scalarText(value));
  }
  if (Array.isArray(value)) {
    return group("[", "]", (value as readonly Literal[]).map((item) => entry("", item)), "", false);
  }
  const entries: Entry[] = [];
  const fields = value as { readonly [key: string]: Literal };
  // Not by `Object.entries`: this is done for everything that is written.
  for (const key in fields) {
    const item = fields[key];
    if (item !== undefined) entries.push(entry(`${propertyKey(key)}: `, item));
  }
  return entries.length === 0 ? leaf("{}") : group("{", "}", entries, " ", false);
}

function entry(prefix: string, value: Literal): Entry {
  return { prefix, value: measure(value) };
}

const LONG_TEXT = 32;

function leaf(line: string): Measured {
  const size = line.length > LONG_TEXT && line.startsWith('"') ? LONG_TEXT : line.length;
  return { line, size, open: line, pad: "", close: "", entries: [], isCall: false };
}

function group(
  open: string,
  close: string,
  entries: readonly Entry[],
  pad: string,
  isCall: boolean,
): Measured {
  let line: string | undefined = open + pad;
  let size = open.length + close.length + 2 * pad.length + 2 * Math.max(0, entries.length - 1);
  let separator = "";
  for (const { prefix, value } of entries) {
    size += prefix.length + value.size;
    if (value.line === undefined || size > WIDTH) {
      line = undefined;
      break;
    }
    line += separator + prefix + value.line;
    separator = ", ";
  }
  if (line !== undefined) line += pad + close;
  return { line, size, open, pad, close, entries, isCall };
}

/**
 * With indented lines: adding indentation level by level afterwards would copy the text once per level. As many entries
 * share a line as fit; one that takes several lines has them to itself.
 */
function layout(value: Measured, level: number, used: number): string {
  const { line, size, open, pad, close, entries } = value;
  const room = WIDTH - 2 * level - used;
  if (line !== undefined && (entries.length === 0 || size <= room)) return line;
  const hugged = hugging(value, room);
  if (hugged !== undefined) {
    const { head, headSize, last } = hugged;
    return head + layout(last.value, level, used + headSize) + pad + close;
  }
  const indent = "  ".repeat(level + 1);
  let text = open;
  let column = Number.POSITIVE_INFINITY;
  for (const { prefix, value: item } of entries) {
    const taken = prefix.length + item.size + 1;
    const isLine = item.line !== undefined && indent.length + taken <= WIDTH;
    if (isLine && column + 1 + taken <= WIDTH) {
      text += ` ${prefix}${item.line},`;
      column += 1 + taken;
    } else {
      text += `\n${indent}${prefix}${layout(item, level + 1, prefix.length + 1)},`;
      column = isLine ? indent.length + taken : Number.POSITIVE_INFINITY;
    }
  }
  return `${text}\n${"  ".repeat(level)}${close}`;
}

/** The last entry starts on the line of the others if it fits, and ends with the group. */
function hugging(
  { open, pad, entries, isCall }: Measured,
  room: number,
): { readonly head: string; readonly headSize: number; readonly last: Entry } | undefined {
  const last = entries.at(-1);
  if (last === undefined || last.value.entries.length === 0) return undefined;
  let head = open + pad;
  let headSize = head.length;
  for (const { prefix, value } of entries.slice(0, -1)) {
    if (value.line === undefined) return undefined;
    head += `${prefix}${value.line}, `;
    headSize += prefix.length + value.size + 2;
  }
  head += last.prefix;
  headSize += last.prefix.length;
  const fits = headSize + last.value.open.length <= room;
  return fits || (isCall && entries.length === 1) ? { head, headSize, last } : undefined;
}

function scalarText(value: string | number | boolean | null | undefined | Code): string {
  if (value instanceof Code) return value.text;
  return typeof value === "string" ? quote(value) : String(value);
}
