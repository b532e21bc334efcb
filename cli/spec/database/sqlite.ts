/** Asks SQLite for the columns of statements: it prepares them and runs none. */
import { invalidRequest } from "../../../src/core/errors.ts";
import type { LockedColumn } from "../../../codegen/read/database/lock.ts";
import { type Describer, mayLeaveOut } from "./question.ts";

type Database = import("node:sqlite").DatabaseSync;

interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly pk: number;
}

/** `path`: of a file that exists. */
export async function describeSqlite(path: string): Promise<Describer> {
  let database: Database;
  try {
    // Node has it from version 22.13 on.
    const { DatabaseSync } = await import("node:sqlite");
    database = new DatabaseSync(path, { readOnly: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw invalidRequest("generate.database", `${path} cannot be opened: ${why}`, cause);
  }
  const tables = new Map<string, readonly TableColumn[]>();
  const tableOf = (schema: string, name: string): readonly TableColumn[] => {
    const key = `${schema}.${name}`;
    const known = tables.get(key) ??
      database.prepare('select name, type, "notnull", pk from pragma_table_info(?, ?)').all(
        name,
        schema,
      ) as unknown as TableColumn[];
    tables.set(key, known);
    return known;
  };
  const neverNull = (schema: string, table: string, name: string): boolean => {
    const columns = tableOf(schema, table);
    const column = columns.find((one) => one.name === name);
    if (column === undefined) return false;
    // The number of the row itself, of which there is always one.
    const isRowid = column.pk === 1 && /^integer$/i.test(column.type) &&
      columns.filter(({ pk }) => pk > 0).length === 1;
    return column.notnull === 1 || isRowid;
  };
  return {
    describe({ statement, inputs }) {
      const columns = database.prepare(statement).columns();
      const outer = mayLeaveOut(statement);
      return Promise.resolve({
        inputs: inputs.map(({ name }) => ({ name, type: "" })),
        columns: columns.map((one): LockedColumn => {
          const { name, type, database: schema, table, column } = one;
          const notNull = !outer && schema !== null && table !== null && column !== null &&
            neverNull(schema, table, column);
          return { name, type: type ?? "", ...(notNull && { notNull }) };
        }),
      });
    },
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}
