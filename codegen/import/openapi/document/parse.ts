/** The text of a document, JSON or YAML. */
import { parseDocument } from "yaml";
import { type ConnectorError, invalidRequest } from "../../../../src/core/errors.ts";
import { parseJsonDocument } from "../../../load/json.ts";
import { parseLargeYaml } from "../../../load/large.ts";
import { DEFAULT_LIMITS } from "../../../load/limits.ts";
import { LineIndex } from "../../../load/source.ts";
import { opensUnclosed } from "../../../load/yaml.ts";
import { type Obj, object } from "../value.ts";

/** Below this, the full parser takes no time that anyone notices. */
const FAST_FROM = 100_000;

/** Throws `import.syntax`. */
export function parseText(source: string): Obj {
  const text = source.replace(/^\ufeff/, "");
  const isJson = /^\s*[[{]/.test(text);
  if (isJson) {
    const { document, problems: [problem] } = parseJsonDocument("", text);
    if (document !== undefined) return object(document.value);
    // YAML allows more than JSON in braces: names without quotes, comments.
    const isYaml = text.length < FAST_FROM && !/^\s*\{\s*"/.test(text);
    if (problem !== undefined && !isYaml) {
      const { line, column } = new LineIndex(text).at(problem.span.start);
      const message = problem.message.replace(/\.$/, "");
      throw syntaxError(`${message} at line ${line}, column ${column}.`);
    }
  }
  // Merge keys are for the full parser, too.
  const fast = text.length < FAST_FROM || /<<["']? *:/.test(text)
    ? undefined
    : parseLargeYaml(text, { uniqueKeys: false });
  return object(fast === undefined ? parseFreely(text) : fast.value);
}

function parseFreely(text: string): unknown {
  if (text.length > DEFAULT_LIMITS.maxFreeFormLength) {
    throw syntaxError(
      `It has ${text.length} characters; at most ${DEFAULT_LIMITS.maxFreeFormLength} are read of YAML with anchors, aliases, tags or mistakes. Convert it to JSON first.`,
    );
  }
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
    return parsed.toJS({ maxAliasCount: 10_000 });
  } catch (error) {
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
