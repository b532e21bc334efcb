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

/** Temporary tables, views and triggers stay with the connection, and hide others of the same name. */
const TEMPORARY = /^["`[]?(?:temp|temporary)["`\]]?$/i;

/** Whether the connection may not be given to another call after it. @throws ConnectorError `database.request`. */
export function checkOneStatement(text: string): boolean {
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
  const lasts = first === "create" && parts.some((part) => TEMPORARY.test(part));
  if (first === "create" && trigger) return lasts;
  if (end >= 0 && parts.slice(end).some((part) => part !== ";")) {
    throw badBody("there is more than one statement");
  }
  return lasts;
}
