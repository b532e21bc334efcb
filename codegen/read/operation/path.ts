/** `/repos/{owner}/{repo}`. */
import type { Cursor } from "../../load/cursor.ts";
import type { Context } from "../context.ts";
import { isKind } from "../fields/fields.ts";

export type RawPart = { readonly kind: "literal"; readonly text: string } | {
  readonly kind: "param";
  /** Name on the wire. */
  readonly wire: string;
};

export interface RawPath {
  readonly text: string;
  readonly parts: readonly RawPart[];
}

export function readPath(ctx: Context, cursor: Cursor): RawPath | undefined {
  if (!isKind(ctx.report, cursor, "text")) return undefined;
  const text = cursor.value as string;
  const problem = problemOf(text);
  if (problem !== undefined) {
    ctx.report.add("VC1601", cursor, problem[0], problem[1]);
    return undefined;
  }
  const parts: RawPart[] = [];
  let at = 0;
  for (const match of text.matchAll(/\{([^{}]+)\}/g)) {
    if (match.index > at) parts.push({ kind: "literal", text: text.slice(at, match.index) });
    parts.push({ kind: "param", wire: match[1] ?? "" });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ kind: "literal", text: text.slice(at) });
  return { text, parts };
}

function problemOf(text: string): [message: string, help: string] | undefined {
  if (/^[a-z]+:\/\//i.test(text)) {
    return ["A path cannot name a host.", "Put the host under `servers` and keep the path."];
  }
  if (!text.startsWith("/")) {
    return [`The path \`${text}\` does not start with a slash.`, `Write \`/${text}\`.`];
  }
  if (text.startsWith("//")) {
    return ["The path starts with two slashes, which names a host.", "Write one slash."];
  }
  if (text.includes("${")) {
    return ["`${…}` cannot stand in a path.", "Use a parameter: `{name}` with `in: path`."];
  }
  const plain = text.replace(/\{[^{}]+\}/g, "");
  if (/[{}]/.test(plain)) {
    return ["The braces in this path do not match.", "Write parameters as `{name}`."];
  }
  const colon = /\/:([A-Za-z_]\w*)/.exec(text);
  if (colon !== null) {
    return [
      `\`:${colon[1]}\` would be sent literally.`,
      `Write a parameter as \`{${colon[1]}}\`, and a literal colon as \`%3A\`.`,
    ];
  }
  if (plain.includes("?")) {
    return ["A path has no query.", "Declare query parameters under `input` with `in: query`."];
  }
  if (plain.includes("#")) return ["A path has no fragment.", "Remove what follows the `#`."];
  if (/[\s\\\u0000-\u001f]/.test(plain)) {
    return [
      "The path contains a space, a backslash or a control character.",
      "Encode it, such as `%20`.",
    ];
  }
  if (text.split("/").some((part) => part === "." || part === "..")) {
    return ["The path contains a `.` or `..` segment.", "Write the path it leads to."];
  }
  return undefined;
}
