/** What the server does not see to: that a statement leaves the connection, which calls share, as it is, and that one that is to read reads. */
import { MYSQL_FILE_WORDS, MYSQL_WRITES, READ_WORDS } from "../../../../core/database/refused.ts";
import { badBody } from "../../../../engine/database/failures.ts";
import { remembered } from "../remembered.ts";
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";

/**
 * Text in quotes, a comment, a word, or any other character. A comment that the server executes does not count as one.
 * The runtime sets the mode in which backslashes escape and double quotes are text.
 */
const PART =
  /'(?:[^'\\]|\\[^]|'')*'|"(?:[^"\\]|\\[^]|"")*"|`(?<name>(?:[^`]|``)*)`|--(?:[\s\x00-\x1f][^\n]*|$)|#[^\n]*|\/\*(?!M?!)[^]*?\*\/|(?<word>[\w$\u0080-\uffff]+)|(?<other>[^])/g;

/** What stays in a session after its statement. A function of the server that does it within itself does not say so. */
const LASTING = /^(?:get_lock|temporary|last_insert_id|setval|nextval)$/;
/** Functions may be called by their names in quotes, too. */
const LASTING_NAME = /^(?:get_lock|last_insert_id)$/i;

export interface OwnStatement {
  /** Whether it only reads, by its first word. */
  readonly reads: boolean;
  /** Whether the connection may not be given to another call after it. */
  readonly lasts: boolean;
}

const ownStatement = remembered(read);

/** @throws ConnectorError `database.request`, `database.read_only`. */
export function checkOwnStatement(text: string, readOnly: boolean): OwnStatement {
  const own = ownStatement(text);
  if (readOnly && !own.reads) throw writes();
  return own;
}

function read(text: string): OwnStatement {
  let first: string | undefined;
  let lasts = false;
  for (const { groups, index } of text.matchAll(PART)) {
    const { word, other, name } = groups ?? {};
    if (name !== undefined) lasts ||= LASTING_NAME.test(name);
    if (other === "@") {
      throw badBody(
        "a statement cannot have variables (@): they stay in the session that calls share",
      );
    }
    if (other === "/" && text[index + 1] === "*") {
      throw badBody("a statement cannot have comments that the server executes (/*!)");
    }
    if (word === undefined) continue;
    const lower = word.toLowerCase();
    first ??= lower;
    if (MYSQL_FILE_WORDS.has(lower)) throw badBody("a statement cannot write files of the server");
    lasts ||= LASTING.test(lower);
  }
  const reads = first !== undefined && READ_WORDS.has(first);
  if (!reads && !(first !== undefined && MYSQL_WRITES.has(first))) {
    throw badBody(
      `a statement of MySQL begins with one of ${[...READ_WORDS, ...MYSQL_WRITES].join(", ")}` +
        `${first === undefined ? "" : `, and this one with ${first.slice(0, 40)}`}: ` +
        "calls share the connection, and what holds for one is in its session",
    );
  }
  return { reads, lasts };
}

function writes(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "database.read_only",
    message: `a session that only reads takes statements that begin with ${
      [...READ_WORDS].join(", ")
    }`,
    origin: "caller",
  });
}
