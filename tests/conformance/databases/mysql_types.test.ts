/** What `vastar generate --database` says of the columns of statements in MariaDB, against the values that they give. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RuntimeClient } from "../../../mod.ts";
import { describeMysql } from "../../../cli/spec/database/mysql.ts";
import type { SqlModel } from "../../../codegen/model/database.ts";
import { columnType } from "../../../codegen/read/database/types.ts";
import { mariadbServer, mysqlUrl, ownName } from "../../support/databases.ts";
import { titled } from "../../support/runtimes.ts";
import { ask } from "./ask.ts";

const { missing } = await mariadbServer();
const url = mysqlUrl();
const [table, other] = [ownName("types"), ownName("types")];
const client = new RuntimeClient({
  address: "embedded:",
  engine: { egress: { allow: ["loopback"] } },
});
const change = (statement: string) => ask(client, url, { statement, result: "affected" });

const COLUMNS: Readonly<Record<string, string>> = {
  "tinyint": "1",
  "smallint unsigned": "2",
  "mediumint": "3",
  "int unsigned": "4",
  "bigint": "5",
  "decimal(9, 3)": "6.5",
  "float": "7.25",
  "double": "8.5",
  "bit(12)": "9",
  "year": "2026",
  "date": "'2026-01-01'",
  "datetime(3)": "'2026-01-01 10:00:00'",
  "timestamp null": "'2026-01-01 10:00:00'",
  "time": "'10:00:00'",
  "char(3)": "'abc'",
  "varchar(9) not null": "'abc'",
  "tinytext": "'t'",
  "longtext": "'t'",
  "binary(3)": "'abc'",
  "varbinary(4)": "'abcd'",
  "tinyblob": "'x'",
  "longblob": "'x'",
  "enum('x', 'y')": "'x'",
  "set('p', 'q')": "'p,q'",
  "json": "'{}'",
  "boolean": "true",
  "uuid": "uuid()",
  "inet6": "'::1'",
  "point": "point(1, 2)",
  "polygon": "null",
};

const QUERIES = [
  `select * from ${table}`,
  `select t.*, o.n as o from ${table} t left join ${other} o on o.n = 99`,
  `select t.c15, o.n from ${other} o left join ${table} t on o.n = 99`,
  `select count(*) c, sum(c3) s, avg(c5) a, max(c7) m, min(c6) mf, sum(c6) sf from ${table}`,
  "select 1 x, 1.5 y, 'a' z, true t, now() n, curdate() cd, curtime() ct, 1e3 e, null nu, x'00' h",
  `select c3 + 1 p, c3 / 2 q, c3 div 2 r, concat(c15, c3) c, if(c25, 'a', 1) f, coalesce(c5, 0) co,
    cast(c3 as char) ca, group_concat(c15) gc, json_object('a', c3) jo, c3 = 4 eq, length(c15) le,
    uuid() uu, database() db from ${table}`,
  `select (select max(c4) from ${table}) mx, row_number() over (order by c3) rn from ${table}`,
  `select year(c10) yy, unix_timestamp(c12) ut, date(c11) dd, c11 + interval 1 day di from ${table}`,
  `select c15, count(*) n from ${table} group by c15 with rollup`,
  `select c15 as u from ${table} union select null`,
];

beforeAll(async () => {
  if (missing !== undefined) return;
  const columns = Object.keys(COLUMNS).map((type, at) => `c${at} ${type}`);
  await change(`create table ${table} (${columns.join(", ")})`);
  await change(`insert into ${table} values (${Object.values(COLUMNS).join(", ")})`);
  await change(`create table ${other} (n int not null)`);
  await change(`insert into ${other} values (1)`);
});
afterAll(async () => {
  if (missing === undefined) await change(`drop table ${table}, ${other}`);
  await client.close();
});

test.skipIf(missing !== undefined)(
  titled("values are what the types say, and null only where they say so", missing),
  async () => {
    const describer = describeMysql(client, url);
    let values = 0;
    for (const statement of QUERIES) {
      const { columns } = await describer.describe(
        { statement, inputs: [] } as unknown as SqlModel,
      );
      const typed = columns.map((column) => ({ ...column, ...columnType("mysql", column) }));
      const as = Object.fromEntries(
        typed.flatMap(({ name, form }) => form === undefined ? [] : [[name, form]]),
      );
      const rows = await ask(client, url, { statement, result: "rows", as }) as Record<
        string,
        unknown
      >[];
      for (const row of rows) {
        for (const { name, type, schema } of typed) {
          values++;
          const value = row[name];
          const kinds = KINDS[schema.kind] ?? [];
          const may = "nullable" in schema && schema.nullable ? [...kinds, "null"] : kinds;
          const is = value === null ? "null" : typeof value;
          expect([statement, name, type, is, may.includes(is)]).toEqual([
            ...[statement, name, type, is],
            true,
          ]);
        }
      }
    }
    expect(values).toBeGreaterThan(90);
  },
);

const KINDS: Readonly<Record<string, readonly string[]>> = {
  string: ["string"],
  enum: ["string"],
  integer: ["number"],
  number: ["number"],
  boolean: ["boolean"],
  unknown: ["null", "string", "number", "boolean", "object"],
};
