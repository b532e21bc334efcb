/** The text of a document, JSON or YAML. */
import { parseDocument } from "yaml";
import { invalidRequest } from "../../../src/core/errors.ts";
import { parsePlainYaml } from "../../load/plain_yaml.ts";
import { type Obj, object } from "./value.ts";

/** Below this, the full parser takes no time that anyone notices. */
const FAST_FROM = 100_000;

export function parseText(source: string): Obj {
  const text = source.replace(/^\ufeff/, "");
  if (/^\s*\{/.test(text)) {
    try {
      return object(JSON.parse(text));
    } catch (error) {
      // YAML allows more than JSON in braces, and tells better where it ends.
      if (text.length > 5_000_000) {
        throw invalidRequest("import.syntax", "The document is not valid JSON.", error);
      }
    }
  }
  const fast = text.length < FAST_FROM ? undefined : parsePlainYaml(text);
  if (fast !== undefined) return object(fast.value);
  const parsed = parseDocument(text, { uniqueKeys: false, logLevel: "silent" });
  const [first] = parsed.errors;
  if (first !== undefined) {
    const [message = ""] = first.message.split("\n");
    throw invalidRequest(
      "import.syntax",
      `The document is not valid YAML: ${message}`,
      first,
    );
  }
  return object(parsed.toJS({ maxAliasCount: 10_000 }));
}
