/** Parses `$.a[0].b`. selector_type.ts checks it against a type, once all types are known. */
import type { Cursor } from "../../load/cursor.ts";
import type { Selector, SelectorSegment } from "../../model/selector.ts";
import { describe } from "../fields/fields.ts";
import type { Report } from "../report/report.ts";

/** A path without its root. */
const PLAIN_PATH = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/;

export interface SelectorRules {
  /** Which root is allowed here. Default: `value`. */
  readonly root?: Selector["root"];
  /** `[*]` is legal. */
  readonly each?: boolean;
  /** `[$.index]` is legal. */
  readonly lookup?: boolean;
}

const ROOTS = {
  value: ["$", "the response"],
  body: ["$body", "the request"],
  input: ["$input", "the input"],
} as const;

const EXAMPLES = {
  value: "`$.data.items[0].id`",
  body: "`$body.stream`",
  input: "`$input.watch`",
} as const;

const SEGMENT =
  /\.([A-Za-z_][\w-]*)|\[(-?\d+)\]|\[(\*)\]|\["((?:[^"\\]|\\.)*)"\]|\['([^']*)'\]|\[(\$[^\]]*)\]/y;

/** `text` may be the key of a mapping: `at` is then its position. */
export function readSelector(
  report: Report,
  at: Cursor,
  text: unknown,
  rules: SelectorRules = {},
  part: "key" | "value" = "value",
): Selector | undefined {
  const wanted = rules.root ?? "value";
  const example = EXAMPLES[wanted];
  const fail = (message: string, help: string): undefined => {
    report.add("VC1401", at, message, help, part);
    return undefined;
  };
  if (typeof text !== "string") {
    return fail(
      `A selector belongs here, but ${describe(at)} was found.`,
      `Write a path such as ${example}.`,
    );
  }
  const parsed = parseSelector(text);
  if (typeof parsed === "number") {
    return fail(
      `\`${text}\` is not a selector${parsed === 0 ? "" : ` from \`${text.slice(parsed)}\` on`}.`,
      PLAIN_PATH.test(text) && wanted === "value"
        ? `Write \`$.${text}\`.`
        : `Write a path such as ${example}; names that are not words go in brackets: \`$["a b"]\`.`,
    );
  }
  if (parsed.root !== wanted) {
    report.add(
      "VC1404",
      at,
      `\`${ROOTS[parsed.root][0]}\` (${ROOTS[parsed.root][1]}) cannot be selected from here.`,
      `Start with \`${ROOTS[wanted][0]}\`.`,
      part,
    );
    return undefined;
  }
  for (const segment of parsed.segments) {
    if (segment.kind === "each" && rules.each !== true) {
      return fail(
        "`[*]` cannot stand here, where one value is wanted.",
        "Give an index, such as `[0]`.",
      );
    }
    if (segment.kind === "lookup" && rules.lookup !== true) {
      return fail("An index cannot be looked up here.", "Give it as a number, such as `[0]`.");
    }
  }
  return parsed;
}

/** By the start of a selector. */
export function rootOf(text: string): Selector["root"] | undefined {
  if (text.startsWith("$body")) return "body";
  if (text.startsWith("$input")) return "input";
  return text.startsWith("$") ? "value" : undefined;
}

/** The offset at which it stops being a selector. */
export function parseSelector(text: string): Selector | number {
  const root = rootOf(text);
  if (root === undefined) return 0;
  const segments: SelectorSegment[] = [];
  let at: number = ROOTS[root][0].length;
  while (at < text.length) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(text);
    if (match === null) return at;
    const segment = segmentOf(match);
    if (segment === undefined) return at;
    segments.push(segment);
    at += match[0].length;
  }
  return { root, segments, text };
}

function segmentOf(match: RegExpExecArray): SelectorSegment | undefined {
  const [, word, index, each, double, single, lookup] = match;
  if (word !== undefined) return { kind: "key", key: word };
  if (index !== undefined) return { kind: "index", index: Number(index) };
  if (each !== undefined) return { kind: "each" };
  if (double !== undefined) return { kind: "key", key: double.replace(/\\(.)/g, "$1") };
  if (single !== undefined) return { kind: "key", key: single };
  const inner = parseSelector(lookup ?? "");
  return typeof inner === "number" ? undefined : { kind: "lookup", selector: inner };
}
