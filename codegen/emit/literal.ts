/** Data as TypeScript source, and the few bits of code that stand in it. */
import type CodeBlockWriter from "code-block-writer";

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
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A string in double quotes. Line separators are escaped, though legal, because editors stumble over them. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u2028\u2029\u007f-\u009f\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export function propertyKey(name: string): string {
  // As a plain key it would set the prototype.
  if (name === "__proto__") return `["__proto__"]`;
  return IDENTIFIER.test(name) ? name : quote(name);
}

/** Undefined properties are left out. On one line where it fits. */
export function writeLiteral(writer: CodeBlockWriter, value: Literal, used = 0): void {
  const room = WIDTH - 2 * writer.getIndentationLevel() - used;
  const line = inline(value, room);
  if (line !== undefined) {
    writer.write(line);
  } else if (Array.isArray(value)) {
    writeList(writer, value as readonly Literal[]);
  } else if (value instanceof PureCall) {
    writer.write(`/* @__PURE__ */ ${value.name}(`);
    value.args.forEach((arg, index) => {
      if (index > 0) writer.write(", ");
      writeLiteral(writer, arg);
    });
    writer.write(")");
  } else {
    writeObject(writer, value as { readonly [key: string]: Literal });
  }
}

function writeList(writer: CodeBlockWriter, items: readonly Literal[]): void {
  writer.write("[").newLine().indent(() => {
    for (const item of items) {
      writeLiteral(writer, item);
      writer.write(",").newLine();
    }
  }).write("]");
}

function writeObject(writer: CodeBlockWriter, value: { readonly [key: string]: Literal }): void {
  writer.write("{").newLine().indent(() => {
    for (const key of Object.keys(value)) {
      const item = value[key];
      if (item === undefined) continue;
      const prefix = `${propertyKey(key)}: `;
      writer.write(prefix);
      writeLiteral(writer, item, prefix.length);
      writer.write(",").newLine();
    }
  }).write("}");
}

/** Undefined when it is longer than there is room; gives up early, so that large data costs no quadratic time. */
function inline(value: Literal, room: number): string | undefined {
  if (value === undefined) return "undefined";
  if (value instanceof Code) return value.text;
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? quote(value) : String(value);
  }
  if (value instanceof PureCall) {
    const args = inlineAll(value.args.map((arg) => ["", arg]), room);
    return args === undefined ? undefined : `/* @__PURE__ */ ${value.name}(${args})`;
  }
  if (Array.isArray(value)) {
    const items = inlineAll((value as readonly Literal[]).map((item) => ["", item]), room);
    return items === undefined ? undefined : `[${items}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  const fields = inlineAll(entries.map(([key, item]) => [`${propertyKey(key)}: `, item]), room);
  return fields === undefined ? undefined : `{ ${fields} }`;
}

function inlineAll(
  parts: readonly (readonly [prefix: string, value: Literal])[],
  room: number,
): string | undefined {
  let text = "";
  for (const [prefix, value] of parts) {
    const part = inline(value, room - text.length);
    if (part === undefined) return undefined;
    text += (text === "" ? "" : ", ") + prefix + part;
    if (text.length > room) return undefined;
  }
  return text;
}
