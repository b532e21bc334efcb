/** What SQLite itself does not see to: that a text is one statement, and not one that reaches beyond its file or its call. */
import {
  CONNECTION_WORDS,
  FILE_WORDS,
  TRANSACTION_WORDS,
} from "../../../../core/database/refused.ts";
import { badBody } from "../../../../engine/database/failures.ts";

const REFUSED: ReadonlySet<string> = new Set([
  ...CONNECTION_WORDS.sqlite,
  ...FILE_WORDS.sqlite,
  ...TRANSACTION_WORDS.sqlite,
]);

/** Comments and white space, text in any quotes, a word, or a character. */
const PART = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|\w+|[^]/g;
const NOTHING = /^(?:--|\/\*|\s)/;

/** @throws ConnectorError `database.request`. */
export function checkOneStatement(text: string): void {
  const parts = (text.match(PART) ?? []).filter((part) => !NOTHING.test(part));
  const first = parts[0]?.toLowerCase() ?? "";
  if (REFUSED.has(first)) {
    throw badBody(
      `a statement cannot be ${first.toUpperCase()}: the runtime opens files and holds sessions`,
    );
  }
  // The statements of a trigger are its own.
  const trigger = parts.slice(0, 3).some((part) => part.toLowerCase() === "trigger");
  const end = parts.indexOf(";");
  if (first === "create" && trigger) return;
  if (end >= 0 && parts.slice(end).some((part) => part !== ";")) {
    throw badBody("there is more than one statement");
  }
}
