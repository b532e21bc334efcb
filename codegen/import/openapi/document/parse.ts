/** The text of a document, JSON or YAML. */
import { CORE_SCHEMA, load, mergeTag } from "js-yaml";
import { parseDocument } from "yaml";
import { ConnectorError, invalidRequest } from "../../../../src/core/errors.ts";
import { parseJsonDocument } from "../../../load/json.ts";
import { parseSimpleYaml } from "../../../load/simple.ts";
import { DEFAULT_LIMITS } from "../../../load/limits.ts";
import { LineIndex } from "../../../load/source.ts";
import { opensUnclosed } from "../../../load/yaml.ts";
import { indented } from "./indent.ts";
import { type Obj, object } from "../value.ts";

/** People write this much by hand, and so perhaps YAML in braces; what is longer was meant as JSON. */
const HAND_WRITTEN = 100_000;

/** Throws `import.syntax`. */
export function parseText(source: string): Obj {
  const text = source.replace(/^\ufeff/, "");
  const isJson = /^\s*[[{]/.test(text);
  if (isJson) {
    const { document, problems: [problem] } = parseJsonDocument("", text);
    if (document !== undefined) return object(document.value);
    // YAML allows more than JSON in braces: names without quotes, comments.
    const isYaml = text.length < HAND_WRITTEN && !/^\s*\{\s*"/.test(text);
    if (problem !== undefined && !isYaml) {
      const { line, column } = new LineIndex(text).at(problem.span.start);
      const message = problem.message.replace(/\.$/, "");
      throw syntaxError(`${message} at line ${line}, column ${column}.`);
    }
  }
  // Merge keys are for the full parser, too.
  const fast = /<<["']? *:/.test(text)
    ? undefined
    : parseSimpleYaml(text, { uniqueKeys: false, maxAliasNodes: DEFAULT_LIMITS.maxAliasNodes });
  return object(fast === undefined ? parseFreely(text) : fast.value);
}

/** With anchors, aliases, tags, merge keys or mistakes. */
function parseFreely(text: string): unknown {
  const parse = text.length > DEFAULT_LIMITS.maxFreeFormLength ? parseLong : parseFully;
  try {
    return parse(text);
  } catch (error) {
    // Older tools read what stands further left than it may.
    const moved = indented(text);
    if (moved === text) throw error;
    try {
      return parse(moved);
    } catch (other) {
      // With the lines in their places, what else is wrong comes out.
      throw /indent/i.test((error as Error).message) ? other : error;
    }
  }
}

/** The full parser would need minutes. */
function parseLong(text: string): unknown {
  let value: unknown;
  try {
    value = load(text, LONG_OPTIONS);
  } catch (error) {
    throw syntaxError(`Not valid YAML: ${(error as Error).message.split("\n")[0]}.`, error);
  }
  if (sizeOf(value, new Map()) > MOST_VALUES) {
    throw syntaxError(`Its aliases stand for more than ${MOST_VALUES} values.`);
  }
  return value;
}

const LONG_OPTIONS = {
  schema: CORE_SCHEMA.withTags(mergeTag),
  json: true,
  maxDepth: 500,
  maxTotalMergeKeys: 1_000_000,
};
const MOST_VALUES = 20_000_000;

/** With everything that aliases stand for. */
function sizeOf(value: unknown, known: Map<unknown, number>): number {
  if (typeof value !== "object" || value === null) return 1;
  const before = known.get(value);
  if (before !== undefined) return before;
  // What is within itself has no size.
  known.set(value, Infinity);
  let size = 1;
  for (const child of Object.values(value)) size += sizeOf(child, known);
  known.set(value, size);
  return size;
}

function parseFully(text: string): unknown {
  if (opensUnclosed(text)) throw syntaxError(TOO_DEEP);
  let parsed;
  try {
    // Merge keys are of YAML 1.1, which is what most tools for OpenAPI read.
    parsed = parseDocument(text, {
      uniqueKeys: false,
      logLevel: "silent",
      merge: true,
      // A property may be called null, and a version 1.50.
      stringKeys: true,
    });
  } catch (error) {
    throw syntaxError(TOO_DEEP, error);
  }
  const [first] = parsed.errors;
  if (first !== undefined) {
    const [message = ""] = first.message.split("\n");
    const what = /call stack/.test(message)
      ? TOO_DEEP
      : `Not valid YAML: ${message.replace(/:$/, ".")}`;
    throw syntaxError(what, first);
  }
  try {
    const value: unknown = parsed.toJS({ maxAliasCount: 10_000 });
    if (text.includes("*") && sizeOf(value, new Map()) === Infinity) {
      throw syntaxError("An alias is within what it stands for.");
    }
    return value;
  } catch (error) {
    if (error instanceof ConnectorError) throw error;
    const isAlias = error instanceof ReferenceError;
    throw syntaxError(
      isAlias ? `Its aliases cannot be resolved: ${error.message}.` : TOO_DEEP,
      error,
    );
  }
}

const TOO_DEEP = "It is nested too deeply.";

function syntaxError(what: string, cause?: unknown): ConnectorError {
  return invalidRequest("import.syntax", `The document cannot be read. ${what}`, cause);
}
