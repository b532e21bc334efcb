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
  return checkedFirstWord(text) === "do" || LASTING.test(text);
});

function checkedFirstWord(text: string): string {
  const first = firstWord(text).toLowerCase();
  if (REFUSED.has(first)) {
    throw badBody(
      `a statement cannot be ${first.toUpperCase()}: calls share the connection, and what holds for one is in its session`,
    );
  }
  return first;
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

/** White space or comments between two words; comments within others are rare enough to be looked past. */
const GAP = String.raw`(?:\s|/\*[^]*?\*/|--[^\n\r]*)+`;

/**
 * What stays in a session after its statement and its transaction: settings, locks of the session, temporary tables, also by
 * the name of their schema. A block (`do`) may hold any statement, and a name with escapes (`U&"…"`) any of these. A
 * function that does it within the server does not say so; it holds until the connection is given up for its age.
 */
const LASTING = new RegExp(
  String.raw`\b(?:set_config|pg_(?:try_)?advisory_lock(?:_shared)?|dblink_connect\w*|pg_temp` +
    String.raw`|temp(?:orary)?${GAP}(?:recursive${GAP})?(?:table|view|sequence)` +
    String.raw`|into${GAP}temp(?:orary)?)\b|\bu&"`,
  "i",
);
