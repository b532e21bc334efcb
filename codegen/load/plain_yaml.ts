/**
 * The fast way for large YAML: block mappings and lists with plain, quoted and block scalars, as every generator writes
 * them. Anything else (anchors, tags, flow over several lines, odd indentation, and whatever is not valid) gives undefined,
 * and the full parser has its say. What is given is what the full parser gives.
 */
import {
  blockScalar,
  foldPlain,
  inlineValue,
  NOT_PLAIN,
  plain,
  type PlainLines,
} from "./plain_yaml_scalar.ts";

export function parsePlainYaml(
  text: string,
  { uniqueKeys }: { readonly uniqueKeys: boolean } = { uniqueKeys: false },
): { readonly value: unknown } | undefined {
  if (/\r(?!\n)|\t/.test(text) && /\r(?!\n)|^ *\t/m.test(text)) return undefined;
  const reader = new Reader(text.split(/\r?\n/), uniqueKeys);
  try {
    return { value: reader.document() };
  } catch (error) {
    if (error === NOT_PLAIN) return undefined;
    throw error;
  }
}

const MAX_DEPTH = 500;

class Reader implements PlainLines {
  readonly lines: readonly string[];
  /** Of the line to be read next. */
  at = 0;

  readonly #uniqueKeys: boolean;

  constructor(lines: readonly string[], uniqueKeys: boolean) {
    this.lines = lines;
    this.#uniqueKeys = uniqueKeys;
  }

  document(): unknown {
    while (this.at < this.lines.length && /^(---)?\s*(#.*)?$/.test(this.lines[this.at] ?? "")) {
      this.at++;
    }
    const indent = this.next();
    if (indent !== 0) throw NOT_PLAIN;
    const value = this.block(0, 0);
    if (this.next() !== undefined) throw NOT_PLAIN;
    return value;
  }

  /** Indentation of the next line that says something; blank lines and comments before it are passed over. */
  next(): number | undefined {
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at] ?? "";
      const indent = indentOf(line);
      if (indent === line.length || line[indent] === "#") continue;
      if (
        line[indent] === "\t" || line.startsWith("---") || line.startsWith("...") || line[0] === "%"
      ) throw NOT_PLAIN;
      return indent;
    }
    return undefined;
  }

  block(indent: number, depth: number): unknown {
    if (depth > MAX_DEPTH) throw NOT_PLAIN;
    const line = this.lines[this.at] ?? "";
    return isItem(line, indent) ? this.list(indent, depth) : this.mapping(indent, indent, depth);
  }

  /** `from`: where the first key stands, which for `- key: value` is behind the dash. */
  mapping(indent: number, from: number, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (let column = from;; column = indent) {
      const line = this.lines[this.at] ?? "";
      const { key, end } = keyAt(line, column);
      this.at++;
      const found = this.value(line, end + 1, indent, depth, true);
      if (key === "__proto__" || (this.#uniqueKeys && Object.hasOwn(value, key))) throw NOT_PLAIN;
      value[key] = found;
      const after = this.next();
      if (after === undefined || after < indent) return value;
      if (after > indent || isItem(this.lines[this.at] ?? "", indent)) throw NOT_PLAIN;
    }
  }

  list(indent: number, depth: number): unknown[] {
    const value: unknown[] = [];
    for (;;) {
      const line = this.lines[this.at] ?? "";
      const content = skipSpaces(line, indent + 1);
      if (isItem(line, content)) {
        if (depth > MAX_DEPTH) throw NOT_PLAIN;
        value.push(this.list(content, depth + 1));
      } else if (content < line.length && line[content] !== "#" && isKey(line, content)) {
        value.push(this.mapping(content, content, depth + 1));
      } else {
        this.at++;
        value.push(this.value(line, indent + 1, indent, depth, false));
      }
      const after = this.next();
      if (after === undefined || after < indent) return value;
      if (after > indent) throw NOT_PLAIN;
      if (!isItem(this.lines[this.at] ?? "", indent)) return value;
    }
  }

  /** What follows a key or a dash, from `from` on; `indent` is that of the key or dash. */
  value(line: string, from: number, indent: number, depth: number, inMapping: boolean): unknown {
    const start = skipSpaces(line, from);
    const first = line[start];
    if (first === undefined || (first === "#" && start > from)) {
      return this.below(indent, depth, inMapping);
    }
    if (first === "|" || first === ">") {
      return blockScalar(this, line.slice(start), indent, inMapping);
    }
    const found = inlineValue(this, line, start, indent);
    return found.folds ? foldPlain(this, found.text, indent) : found.value;
  }

  below(indent: number, depth: number, inMapping: boolean): unknown {
    const after = this.next();
    if (after === undefined || after < indent) return null;
    const line = this.lines[this.at] ?? "";
    // A list below a key may stand at the key's own indentation.
    if (after === indent) {
      return inMapping && isItem(line, after) ? this.list(after, depth + 1) : null;
    }
    if (isItem(line, after) || isKey(line, after)) return this.block(after, depth + 1);
    if ("|>".includes(line[after] ?? "")) throw NOT_PLAIN;
    this.at++;
    return this.value(line, after, indent, depth, false);
  }
}

function indentOf(line: string): number {
  let n = 0;
  while (line.charCodeAt(n) === 0x20) n++;
  return n;
}

function skipSpaces(line: string, from: number): number {
  let n = from;
  while (line.charCodeAt(n) === 0x20 || line.charCodeAt(n) === 0x09) n++;
  return n;
}

function isItem(line: string, at: number): boolean {
  const after = line[at + 1];
  return line[at] === "-" && (after === undefined || after === " " || after === "\t");
}

const QUOTED_KEY = /"([^"\\]*)"[ \t]*:(?=[ \t]|$)|'([^']*)'[ \t]*:(?=[ \t]|$)/y;

/** Characters that a plain key or text can start with, without meaning anything to YAML. */
const PLAIN_START = /[^\s\-?:,[\]{}#&*!|>'"%@`]/;

function isKey(line: string, at: number): boolean {
  const first = line[at] ?? "";
  if (first === '"' || first === "'") {
    QUOTED_KEY.lastIndex = at;
    return QUOTED_KEY.test(line);
  }
  return PLAIN_START.test(first) && colonOf(line, at) > 0;
}

/** The colon that ends a plain key, or -1. */
function colonOf(line: string, at: number): number {
  for (let colon = line.indexOf(":", at); colon >= 0; colon = line.indexOf(":", colon + 1)) {
    const after = line[colon + 1];
    if (after === undefined || after === " " || after === "\t") return colon;
  }
  return -1;
}

/** `200:` means the text. Other keys that are no texts: the full parser knows what becomes of them. */
const PLAIN_NUMBER = /^(?:0|[1-9]\d{0,14})$/;

function keyAt(line: string, at: number): { key: string; end: number } {
  const first = line[at] ?? "";
  if (first === '"' || first === "'") {
    QUOTED_KEY.lastIndex = at;
    const match = QUOTED_KEY.exec(line);
    if (match === null) throw NOT_PLAIN;
    return { key: match[1] ?? match[2] ?? "", end: at + match[0].length - 1 };
  }
  const end = PLAIN_START.test(first) ? colonOf(line, at) : -1;
  if (end < 0) throw NOT_PLAIN;
  const key = line.slice(at, end).trimEnd();
  const odd = key === "<<" || (!PLAIN_NUMBER.test(key) && typeof plain(key) !== "string");
  if (odd || /\s#/.test(key)) throw NOT_PLAIN;
  return { key, end };
}
