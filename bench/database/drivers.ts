/** What a program asks of each server, and how it does so with the driver alone. */
import { createConnection } from "mysql2/promise";
import postgres from "postgres";
import type { DatabaseSession } from "../../src/core/database/body.ts";

export interface Driver {
  /** One row, by one number. */
  readonly question: string;
  /** As many rows as a number says. */
  readonly rows: string;
  readonly session: DatabaseSession;
  /** Puts a number into a table. */
  insert(table: string): string;
  open(url: string): Promise<Alone>;
}

/** A connection of the driver's own. */
export interface Alone {
  ask(): Promise<void>;
  /** In a session as that of calls. */
  askInSession(): Promise<void>;
  close(): Promise<void>;
}

const VALUE = 2;

const POSTGRES: Driver = {
  question: "select n, name from (values (1, 'one'), (2, 'two')) as t(n, name) where n = $1::int",
  rows: "select g as id, 'customer ' || g as name, g * 1.5 as total, now() as at " +
    "from generate_series(1, $1::int) g",
  session: { readOnly: true, set: { "app.tenant": "acme" } },
  insert: (table) => `insert into ${table} values ($1)`,
  open(url) {
    const sql = postgres(url, { max: 1, fetch_types: false });
    const settings = "select set_config($1, $2, true), set_config('statement_timeout', $3, true)";
    return Promise.resolve({
      async ask() {
        await sql.unsafe(POSTGRES.question, [VALUE], { prepare: true });
      },
      async askInSession() {
        await sql.begin("read only", async (transaction) => {
          await transaction.unsafe(settings, ["app.tenant", "acme", "60000"], { prepare: true });
          return await transaction.unsafe(POSTGRES.question, [VALUE], { prepare: true });
        });
      },
      close: () => sql.end(),
    });
  },
};

const MYSQL: Driver = {
  question: "select n, name from (select 1 as n, 'one' as name union all select 2, 'two') as t " +
    "where n = ?",
  rows: "select seq as id, concat('customer ', seq) as name, seq * 1.5 as total, now() as at " +
    "from seq_1_to_1000000 where seq <= ?",
  session: { readOnly: true },
  insert: (table) => `insert into ${table} values (?)`,
  async open(url) {
    const connection = await createConnection(url);
    return {
      async ask() {
        await connection.execute(MYSQL.question, [VALUE]);
      },
      async askInSession() {
        await connection.query("start transaction read only");
        await connection.execute(MYSQL.question, [VALUE]);
        await connection.query("rollback");
      },
      close: () => connection.end(),
    };
  },
};

export const driverOf = (url: string): Driver => url.startsWith("mysql:") ? MYSQL : POSTGRES;
export const PARAMETERS: readonly number[] = [VALUE];
