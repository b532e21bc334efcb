/** SQLite: statements run at once, in this thread; between the steps of a stream everything else has its turn. */
import type { StatementBody } from "../../../../core/database/body.ts";
import type {
  DatabaseConnection,
  DatabaseCursor,
  DatabaseOutcome,
  DatabaseWork,
} from "../../../../core/database/driver.ts";
import { badBody, connectionLost, WRONG } from "../../../../engine/database/failures.ts";
import { MOST_BYTES } from "../limits.ts";
import { sqliteError } from "./errors.ts";
import type { SqliteHandle, SqliteRow, SqliteStatement, SqliteValue } from "./handle.ts";
import { checkOneStatement } from "./one_statement.ts";
import { rowEncoder, toSqlite } from "./values.ts";

const STEP_BYTES = 64 * 1024;

export class SqliteConnection implements DatabaseConnection {
  onLost: (() => void) | undefined = undefined;
  #closed = false;
  /** A statement has left something in it. */
  #spent = false;
  readonly #handle: SqliteHandle;
  /** One in memory stays when its connection goes. */
  readonly #keep: boolean;

  constructor(handle: SqliteHandle, keep: boolean) {
    this.#handle = handle;
    this.#keep = keep;
  }

  get usable(): boolean {
    return !this.#closed && !this.#spent;
  }

  async run(work: DatabaseWork): Promise<DatabaseOutcome> {
    return await this.#told(() => this.#execute(work));
  }

  stream(work: DatabaseWork): DatabaseCursor {
    let rows: IterableIterator<SqliteRow> | undefined;
    let encode: (row: SqliteRow) => string;
    let over = false;
    const begin = (): IterableIterator<SqliteRow> => {
      const { body, statement, parameters } = this.#prepared(work);
      encode = rowEncoder(statement.columns, body.as ?? {}, false);
      this.#begin(body);
      return statement.rows(parameters);
    };
    const end = (failed: boolean): void => {
      if (over) return;
      over = true;
      rows?.return?.();
      this.#end(work.body as StatementBody, failed);
    };
    const some = (): readonly string[] | undefined => {
      try {
        rows ??= begin();
        const lines: string[] = [];
        let bytes = 0;
        while (bytes < STEP_BYTES) {
          const { value, done } = rows.next() as IteratorResult<SqliteRow, undefined>;
          if (done || value === undefined) break;
          const line = encode(value);
          bytes += line.length;
          lines.push(line);
        }
        if (lines.length > 0) return lines;
        end(false);
        return undefined;
      } catch (error) {
        end(true);
        throw error;
      }
    };
    return {
      next: () => this.#told(some),
      close: async () => {
        await this.#told(() => end(true)).catch(() => {});
      },
    };
  }

  /** What runs is over before anybody can ask for its end. */
  cancel(): void {}

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (!this.#keep) this.#handle.close();
  }

  async #told<T>(step: () => T): Promise<T> {
    if (this.#closed) throw connectionLost(false);
    try {
      return await Promise.resolve(step());
    } catch (error) {
      throw sqliteError(error);
    }
  }

  #prepared({ body }: DatabaseWork): {
    readonly body: StatementBody;
    readonly statement: SqliteStatement;
    readonly parameters: readonly SqliteValue[];
  } {
    if (!("statement" in body)) throw badBody("SQLite takes a statement, not a command");
    const { role, set, isolation } = body.session ?? {};
    if (role !== undefined || set !== undefined) {
      throw badBody("SQLite has no roles and settings: its session is readOnly, or isolation");
    }
    if (isolation !== undefined && isolation !== "serializable") {
      throw badBody("the isolation of SQLite is serializable");
    }
    if (body.result === "describe") throw badBody("SQLite does not describe statements");
    // One in memory is the tenant's, with all that is in it.
    if (checkOneStatement(body.statement) && !this.#keep) this.#spent = true;
    return {
      body,
      statement: this.#handle.prepare(body.statement),
      parameters: (body.parameters ?? []).map(toSqlite),
    };
  }

  #execute(work: DatabaseWork): DatabaseOutcome {
    const { body, statement, parameters } = this.#prepared(work);
    const { columns } = statement;
    this.#begin(body);
    let failed = true;
    try {
      if (body.result === "affected") {
        const affected = statement.run(parameters);
        failed = false;
        return { kind: "rows", rows: [], columns: 0, more: false, affected };
      }
      const encode = rowEncoder(columns, body.as ?? {}, body.result === "value");
      const rows: string[] = [];
      let more = false;
      let bytes = 0;
      for (const row of statement.rows(parameters)) {
        if (rows.length >= work.maxRows) {
          more = true;
          break;
        }
        const json = encode(row);
        bytes += json.length;
        if (bytes > MOST_BYTES) throw WRONG.tooLarge(MOST_BYTES);
        rows.push(json);
      }
      failed = false;
      return { kind: "rows", rows, columns: columns.length, more, affected: 0 };
    } finally {
      this.#end(body, failed);
    }
  }

  #begin({ session }: StatementBody): void {
    if (session?.readOnly) this.#handle.exec("pragma query_only = 1");
    if (session?.isolation !== undefined) this.#handle.exec("begin immediate");
  }

  #end({ session }: StatementBody, failed: boolean): void {
    try {
      if (session?.isolation !== undefined) this.#handle.exec(failed ? "rollback" : "commit");
      if (session?.readOnly) this.#handle.exec("pragma query_only = 0");
    } catch (error) {
      this.#spent = true;
      throw error;
    }
  }
}
