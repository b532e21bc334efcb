/**
 * Statements that no call may be, by their first word: one list for the reader of specs, which reports them where they are
 * written, and for the runtime, which is also given statements that no spec holds.
 */

const TRANSACTIONS = ["begin", "commit", "end", "rollback", "savepoint", "release"] as const;

/** How a transaction is begun and ended, which a session says. */
export const TRANSACTION_WORDS: Readonly<Record<"postgres" | "sqlite", ReadonlySet<string>>> = {
  postgres: new Set([...TRANSACTIONS, "start", "abort"]),
  sqlite: new Set(TRANSACTIONS),
};

/** They change the connection for whoever uses it next, or use what only a connection of one's own can hold. */
export const CONNECTION_WORDS: Readonly<Record<"postgres" | "sqlite", ReadonlySet<string>>> = {
  postgres: new Set([
    "close",
    "deallocate",
    "declare",
    "discard",
    "execute",
    "fetch",
    "listen",
    "load",
    "lock",
    "move",
    "prepare",
    "reset",
    "set",
    "unlisten",
  ]),
  sqlite: new Set(["pragma"]),
};

/** They write or open files: PostgreSQL's also takes the connection out of asking and answering, and passes sessions that only read. */
export const FILE_WORDS: Readonly<Record<"postgres" | "sqlite", ReadonlySet<string>>> = {
  postgres: new Set(["copy"]),
  sqlite: new Set(["attach", "detach", "vacuum"]),
};

/** What reads begins with one of these, whatever the server. `with` may also begin what writes; in a session that reads, the server holds it to that. */
export const READ_WORDS: ReadonlySet<string> = new Set([
  "select",
  "with",
  "values",
  "table",
  "show",
  "explain",
  "describe",
  "desc",
]);

/**
 * The other statements of MySQL: all but these and those that read are refused, since there each version and server has more that
 * change a session, end a transaction or hold statements within them.
 */
export const MYSQL_WRITES: ReadonlySet<string> = new Set([
  "insert",
  "update",
  "delete",
  "replace",
  "create",
  "alter",
  "drop",
  "rename",
  "truncate",
  "grant",
  "revoke",
]);

/** Anywhere in a statement of MySQL: the server writes a file, also in sessions that only read. */
export const MYSQL_FILE_WORDS: ReadonlySet<string> = new Set(["outfile", "dumpfile"]);
