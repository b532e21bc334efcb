/** What PostgreSQL itself does not see to: that a statement leaves the connection, which calls share, as it is. */
import { CONNECTION_WORDS, FILE_WORDS } from "../../../../core/database/refused.ts";
import { badBody } from "../../../../engine/database/failures.ts";
import { remembered } from "../remembered.ts";

/** Not those of transactions: the server says in what state they leave the connection, and one that is left open is ended. */
const REFUSED: ReadonlySet<string> = new Set([
  ...CONNECTION_WORDS.postgres,
  ...FILE_WORDS.postgres,
]);
/** A comment ends at a carriage return, too. */
const LINE_COMMENT = /--[^\n\r]*/y;
const BETWEEN = /[\s;]+/y;
const WORD = /\w*/y;

/** Whether the connection may not be given to another call after the statement. @throws ConnectorError `database.request`. */
export const checkOwnStatement: (text: string) => boolean = remembered((text) => {
  checkFirstWord(text);
  return LASTING.test(text);
});

function checkFirstWord(text: string): void {
  const first = firstWord(text).toLowerCase();
  if (REFUSED.has(first)) {
    throw badBody(
      `a statement cannot be ${first.toUpperCase()}: calls share the connection, and what holds for one is in its session`,
    );
  }
}

function firstWord(text: string): string {
  let at = 0;
  const skips = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  for (;;) {
    if (text.startsWith("/*", at)) at = afterComment(text, at);
    else if (!skips(LINE_COMMENT) && !skips(BETWEEN)) break;
  }
  WORD.lastIndex = at;
  return WORD.exec(text)?.[0] ?? "";
}

/** A comment may hold others. */
function afterComment(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text.startsWith("/*", at)) {
      depth++;
      at++;
    } else if (text.startsWith("*/", at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

/**
 * What stays in a session after its statement and its transaction: settings, locks of the session, temporary tables. A
 * function that does it within the server does not say so; it holds until the connection is given up for its age.
 */
const LASTING =
  /\b(?:set_config|pg_(?:try_)?advisory_lock(?:_shared)?|dblink_connect\w*|temp(?:orary)?\s+(?:recursive\s+)?(?:table|view|sequence)|into\s+temp(?:orary)?)\b/i;
