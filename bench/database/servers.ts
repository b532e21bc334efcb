/** The servers of `bench database`, each with a database of its own in it, so that its connections can be counted. */
import { createConnection, type RowDataPacket } from "mysql2/promise";
import postgres from "postgres";
import {
  mariadbServer,
  mysqlUrl,
  ownName,
  POSTGRES_PORT,
  postgresUrl,
  serverOn,
} from "../../tests/support/databases.ts";

export interface Server {
  /** For the names of figures. */
  readonly name: string;
  readonly port: number;
  /** Of its database. */
  readonly url: string;
  /** A table with a column `n`. */
  readonly table: string;
  /** How many connections others have to its database. */
  connections(): Promise<number>;
  drop(): Promise<void>;
}

const TABLE = "written";

/** Says on standard error why one is left out. */
export async function openServers(): Promise<Server[]> {
  const servers: Server[] = [];
  for (const [{ missing }, open] of await found()) {
    if (missing === undefined) servers.push(await open());
    else console.error(`database is measured without one: ${missing}`);
  }
  return servers;
}

async function found() {
  return [
    [await serverOn(POSTGRES_PORT, "PostgreSQL"), openPostgres],
    [await mariadbServer(), openMariadb],
  ] as const;
}

async function openPostgres(): Promise<Server> {
  const database = ownName("bench");
  const url = postgresUrl(POSTGRES_PORT, database);
  const admin = postgres(postgresUrl(), { max: 1 });
  await admin.unsafe(`create database ${database}`);
  const own = postgres(url, { max: 1 });
  await own.unsafe(`create table ${TABLE} (n int)`);
  await own.end();
  return {
    name: "PostgreSQL",
    port: POSTGRES_PORT,
    url,
    table: TABLE,
    async connections() {
      const [row] = await admin.unsafe(
        "select count(*)::int as n from pg_stat_activity where datname = $1 and application_name = 'vastar'",
        [database],
      );
      return Number(row?.["n"]);
    },
    async drop() {
      await admin.unsafe(`drop database ${database} with (force)`);
      await admin.end();
    },
  };
}

async function openMariadb(): Promise<Server> {
  const database = ownName("bench");
  const url = Object.assign(new URL(mysqlUrl()), { pathname: `/${database}` });
  const admin = await createConnection(mysqlUrl());
  await admin.query(`create database ${database}`);
  await admin.query(`create table ${database}.${TABLE} (n int)`);
  return {
    name: "MariaDB",
    port: Number(url.port),
    url: url.href,
    table: TABLE,
    /** All of them: of a connection the server does not say whose it is. */
    async connections() {
      const [rows] = await admin.query<RowDataPacket[]>(
        "select count(*) as n from information_schema.processlist where db = ?",
        [database],
      );
      return Number(rows[0]?.["n"]);
    },
    async drop() {
      await admin.query(`drop database ${database}`);
      await admin.end();
    },
  };
}
