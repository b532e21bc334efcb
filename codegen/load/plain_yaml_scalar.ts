/** Scalars of the fast YAML reader. What is rare goes to the full parser, one scalar at a time. */
import { parseDocument } from "yaml";

/** Thrown to give up: the text is for the full parser. */
export const NOT_PLAIN: Error = new Error("not plain YAML");

export interface PlainLines {
  readonly lines: readonly string[];
  at: number;
}

export type Inline = { readonly folds: true; readonly text: string } | {
  readonly folds: false;
  readonly value: unknown;
};

/** The value that starts at `start` of a line, for quoted ones also over the next lines. */
export function inlineValue(
  reader: PlainLines,
  line: string,
  start: number,
  indent: number,
): Inline {
  const first = line[start] ?? "";
  if (first === '"' || first === "'") {
    return { folds: false, value: quoted(reader, line, start, indent) };
  }
  if (first === "[" || first === "{") return { folds: false, value: flow(line.slice(start)) };
  if (/[&*!@`%|>,\]}#?]/.test(first)) throw NOT_PLAIN;
  if (/[-:]/.test(first) && /^[-:](\s|$)/.test(line.slice(start))) throw NOT_PLAIN;
  const comment = line.indexOf(" #", start);
  const text = (comment < 0 ? line.slice(start) : line.slice(start, comment)).trimEnd();
  if (/:(\s|$)/.test(text) || text.includes("\t")) throw NOT_PLAIN;
  if (comment < 0 && continues(reader, indent)) return { folds: true, text };
  if (comment >= 0 && continues(reader, indent)) throw NOT_PLAIN;
  return { folds: false, value: plain(text) };
}

/** The next line that says something is indented deeper, so it belongs to the text before it. */
function continues(reader: PlainLines, indent: number): boolean {
  for (let n = reader.at; n < reader.lines.length; n++) {
    const line = reader.lines[n] ?? "";
    const own = line.search(/[^ ]/);
    if (own < 0) continue;
    return own > indent;
  }
  return false;
}

/** A plain text over several lines: line ends become spaces, empty lines become line ends. */
export function foldPlain(reader: PlainLines, first: string, indent: number): string {
  let text = first;
  let empty = 0;
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at] ?? "";
    const own = line.search(/[^ ]/);
    if (own < 0) {
      empty++;
      continue;
    }
    if (own <= indent) break;
    const more = line.trim();
    if (/^#|\s#|:(\s|$)|\t/.test(more) || /^:(\s|$)/.test(more)) throw NOT_PLAIN;
    text += (empty === 0 ? " " : "\n".repeat(empty)) + more;
    empty = 0;
  }
  return text;
}

const NUMBER = /^[-+]?(?:\d+|(?:\.\d+|\d+\.\d*)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)$/;

/** A plain text on one line, by the rules of YAML 1.2. */
export function plain(text: string): unknown {
  const code = text.charCodeAt(0);
  const maybe = code < 0x3a || code === 0x7e || /^[tfnTFN]/.test(text);
  if (!maybe) return text;
  switch (text) {
    case "null":
    case "Null":
    case "NULL":
    case "~":
      return null;
    case "true":
    case "True":
    case "TRUE":
      return true;
    case "false":
    case "False":
    case "FALSE":
      return false;
  }
  if (NUMBER.test(text)) {
    const value = Number(text);
    if (Object.is(value, -0)) throw NOT_PLAIN;
    return value;
  }
  if (/^(?:0[xo]|[-+]?\.(?:inf|nan))/i.test(text)) throw NOT_PLAIN;
  return text;
}

function quoted(reader: PlainLines, line: string, start: number, indent: number): unknown {
  const quote = line[start] ?? "";
  const end = closing(line, start + 1, quote);
  if (end >= 0) {
    ends(line, end + 1);
    const inner = line.slice(start + 1, end);
    if (quote === "'") return inner.replaceAll("''", "'");
    if (!inner.includes("\\")) return inner;
    if (
      /^(?:[^\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/.test(inner) && !/[\u0000-\u001f]/.test(inner)
    ) {
      return JSON.parse(`"${inner}"`) as unknown;
    }
    return slow(line.slice(start, end + 1));
  }
  const parts = [line.slice(start)];
  for (; reader.at < reader.lines.length; reader.at++) {
    const more = reader.lines[reader.at] ?? "";
    const own = more.search(/[^ ]/);
    if (own >= 0 && own <= indent) throw NOT_PLAIN;
    const close = closing(more, 0, quote);
    if (close < 0) {
      parts.push(more);
      continue;
    }
    ends(more, close + 1);
    parts.push(more.slice(0, close + 1));
    reader.at++;
    return slow(parts.join("\n"));
  }
  throw NOT_PLAIN;
}

function closing(line: string, from: number, quote: string): number {
  for (let n = from; n < line.length; n++) {
    const c = line[n];
    if (quote === '"' && c === "\\") n++;
    else if (c === quote) {
      if (quote === '"' || line[n + 1] !== "'") return n;
      n++;
    }
  }
  return -1;
}

/** Nothing but a comment may follow. */
function ends(line: string, from: number): void {
  if (!/^(?:\s*|\s+#.*)$/.test(line.slice(from))) throw NOT_PLAIN;
}

function flow(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Anchors and tags concern more than this one value.
    if (/[&*!]/.test(text)) throw NOT_PLAIN;
    return slow(text);
  }
}

/** One value by the full parser. */
function slow(text: string): unknown {
  const parsed = parseDocument(text, { uniqueKeys: false, logLevel: "silent" });
  if (parsed.errors.length > 0) throw NOT_PLAIN;
  return parsed.toJS();
}

/** `|` and `>` with what is indented below. `indent` is that of the key. */
export function blockScalar(
  reader: PlainLines,
  head: string,
  indent: number,
  inMapping: boolean,
): unknown {
  const match = /^([|>])(?:([1-9])?(-)?|(-)([1-9]))(?:\s+#.*|\s*)$/.exec(head);
  const stated = match?.[2] ?? match?.[5];
  if (match === null || (stated !== undefined && !inMapping)) throw NOT_PLAIN;
  const chomp = match[3] ?? match[4] ?? "";
  const from = reader.at;
  let width = stated === undefined ? -1 : indent + Number(stated);
  let widest = 0;
  let last = from;
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at] ?? "";
    const own = line.search(/[^ ]/);
    if (own < 0) {
      if (width < 0) widest = Math.max(widest, line.length);
      continue;
    }
    if (width < 0) width = own;
    if (own <= indent) break;
    // A line of spaces before the text must not be wider than its indentation.
    if (own < width || widest > width) throw NOT_PLAIN;
    last = reader.at + 1;
  }
  if (last === from) throw NOT_PLAIN;
  const lines = reader.lines.slice(from, last).map((line) => line.slice(width));
  if (reader.lines.slice(last, reader.at).some((line) => line.length > width)) throw NOT_PLAIN;
  if (match[1] === "|") return lines.join("\n") + (chomp === "-" ? "" : "\n");
  // Folding has rules of its own.
  const text = `a: >1${chomp}\n${lines.map((line) => ` ${line}`).join("\n")}\n`;
  return (slow(text) as { a: unknown }).a;
}
