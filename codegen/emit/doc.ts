/** Doc comments that their text cannot break out of. */
import type { Writer } from "./writer.ts";

export interface Doc {
  readonly text?: string | undefined;
  readonly deprecated?: boolean | string | undefined;
  readonly link?: string | undefined;
  readonly default?: string | undefined;
  /** Source code. */
  readonly example?: string | undefined;
}

const WIDTH = 116;

export function writeDoc(writer: Writer, doc: Doc): void {
  const lines = docLines(doc);
  const [only] = lines;
  if (only === undefined) return;
  if (lines.length === 1) writer.writeLine(`/** ${only} */`);
  else {
    writer.writeLine("/**");
    for (const line of lines) writer.writeLine(line === "" ? " *" : ` * ${line}`);
    writer.writeLine(" */");
  }
}

export function docLines(doc: Doc): string[] {
  const fallback = doc.default === undefined ? "" : `Default: \`${doc.default}\`.`;
  const lines = textLines([doc.text ?? "", fallback].filter((part) => part !== "").join(" "));
  const tag = (name: string, text: string): void => {
    const [first = "", ...rest] = textLines(text);
    lines.push(`@${name} ${first}`.trimEnd(), ...rest);
  };
  if (doc.deprecated !== undefined && doc.deprecated !== false) {
    tag("deprecated", typeof doc.deprecated === "string" ? doc.deprecated : "");
  }
  if (doc.link !== undefined) tag("see", doc.link);
  if (doc.example !== undefined) {
    lines.push("@example", "```ts", ...doc.example.split("\n").map(harmless), "```");
  }
  return lines;
}

function textLines(text: string): string[] {
  const unix = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  const lines = unix.split("\n").map((line) => line.trimEnd());
  while (lines.at(-1) === "") lines.pop();
  while (lines[0] === "") lines.shift();
  return lines.flatMap((line) => wrap(harmless(clean(line))));
}

/** A tag at the start of a line would be read as ours: a description that begins with `@deprecated` must not deprecate anything. */
function clean(line: string): string {
  return line.replace(/^(\s*)@/, "$1\\@");
}

/** The end of a comment, and characters that are invisible or reverse text. */
function harmless(line: string): string {
  // Most lines are.
  if (/^[\w .,:;'"`()[\]{}<>=&|+!?@#$%^~-]*$/.test(line)) return line;
  return line.replaceAll("*/", "*\\/").replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, " ");
}

function wrap(line: string): string[] {
  if (line.length <= WIDTH) return [line];
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const at = rest.lastIndexOf(" ", WIDTH);
    // A long word, such as a URL, is not broken.
    const end = at > 0 ? at : rest.indexOf(" ", WIDTH);
    if (end < 0) break;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
    // Text from the middle of a line must not become a tag at its start.
    rest = clean(rest);
  }
  lines.push(rest);
  return lines;
}
