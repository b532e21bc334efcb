/** What SQLite itself does not see to: that a text is one statement, and not one that reaches beyond its file or its call. */
import { badBody } from "../../../../engine/database/failures.ts";

/** They open other files, or change the connection for whoever uses it next. */
const REFUSED = new Set([
  "ATTACH",
  "DETACH",
  "VACUUM",
  "PRAGMA",
  "BEGIN",
  "COMMIT",
  "END",
  "ROLLBACK",
  "SAVEPOINT",
  "RELEASE",
]);

/** Comments and white space, text in any quotes, a word, or a character. */
const PART = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|\w+|[^]/g;
const NOTHING = /^(?:--|\/\*|\s)/;

/** @throws ConnectorError `database.request`. */
export function checkOneStatement(text: string): void {
  const parts = (text.match(PART) ?? []).filter((part) => !NOTHING.test(part));
  const first = parts[0]?.toUpperCase() ?? "";
  if (REFUSED.has(first)) {
    throw badBody(`a statement cannot be ${first}: the runtime opens files and holds sessions`);
  }
  // The statements of a trigger are its own.
  const trigger = parts.slice(0, 3).some((part) => part.toUpperCase() === "TRIGGER");
  const end = parts.indexOf(";");
  if (first === "CREATE" && trigger) return;
  if (end >= 0 && parts.slice(end).some((part) => part !== ";")) {
    throw badBody("there is more than one statement");
  }
}
