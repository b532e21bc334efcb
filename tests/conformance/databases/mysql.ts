/** What statements do in MySQL and MariaDB, whoever sends them and whatever is between. */
import { expect } from "bun:test";
import type { RuntimeClient } from "../../../mod.ts";
import { ownName } from "../../support/databases.ts";
import { ask, failure, rowsOf, send } from "./ask.ts";
import type { DatabaseBehaviour } from "./behaviour.ts";

async function withTable(
  client: RuntimeClient,
  url: string,
  columns: string,
  run: (table: string) => Promise<void>,
): Promise<void> {
  const table = ownName("vc");
  await ask(client, url, { statement: `create table ${table} (${columns})`, result: "affected" });
  try {
    await run(table);
  } finally {
    await ask(client, url, { statement: `drop table ${table}`, result: "affected" });
  }
}

export const mysql: readonly DatabaseBehaviour[] = [
  {
    name: "values have their types, both ways",
    async run({ client, url }) {
      const columns = "i int, u bigint unsigned, n decimal(20, 5), f float, d double, t text, " +
        "b varbinary(9), e enum('a', 'b'), j json, o boolean, day date, m datetime(3), " +
        "s timestamp(6) null, c time, y year";
      await withTable(client, url, columns, async (table) => {
        const parameters = [
          ...[-5, "18446744073709551615", "12345678901234.50000", 0.1, 0.1, "grün 😀"],
          ...[{ $bytes: "AP8=" }, "b", { a: [1, "x"] }, true, "2026-01-31"],
          ...["2026-01-31 12:00:00.5", "2026-01-31 12:00:00.123456", "-12:30:00", 2026],
        ];
        const places = parameters.map(() => "?").join(", ");
        const insert = { statement: `insert into ${table} values (${places})`, parameters };
        expect(await ask(client, url, { ...insert, result: "affected" })).toBe(1);
        const select = { statement: `select * from ${table}`, result: "row" };
        const row = {
          ...{ i: -5, u: "18446744073709551615", n: "12345678901234.50000", f: 0.1, d: 0.1 },
          ...{ t: "grün 😀", b: "AP8=", e: "b", j: { a: [1, "x"] }, o: 1, day: "2026-01-31" },
          ...{ m: "2026-01-31T12:00:00.500", s: "2026-01-31T12:00:00.123456+00:00" },
          ...{ c: "-12:30:00", y: 2026 },
        };
        expect(await ask(client, url, select)).toEqual(row);
        const as = { u: "text", n: "number", o: "boolean" };
        expect(await ask(client, url, { ...select, as })).toMatchObject({
          n: 12345678901234.5,
          o: true,
        });
        const wrong = failure(ask(client, url, { ...select, as: { u: "number" } }));
        expect((await wrong).code).toBe("database.column");
        const nulls = parameters.map(() => null);
        await ask(client, url, { ...insert, parameters: nulls, result: "affected" });
        const last = { statement: `select * from ${table} where i is null`, result: "row" };
        expect(Object.values(await ask(client, url, last) as object)).toEqual(nulls);
      });
    },
  },
  {
    name:
      "integers of eight bytes are text, however many digits they have, unless the call says otherwise",
    async run({ client, url }) {
      const all = ["0", "-1", "9007199254740991", "-9007199254740993", "-9223372036854775808"];
      const columns = all.map((_, at) => `n${at} bigint`).join(", ");
      await withTable(client, url, columns, async (table) => {
        const insert = `insert into ${table} values (${all.join(", ")})`;
        await ask(client, url, { statement: insert, result: "affected" });
        const body = { statement: `select * from ${table}`, result: "row" };
        expect(Object.values(await ask(client, url, body) as object)).toEqual(all);
        const as = Object.fromEntries(all.map((_, at) => [`n${at}`, at < 3 ? "number" : "text"]));
        expect(Object.values(await ask(client, url, { ...body, as }) as object))
          .toEqual([0, -1, Number(all[2]), ...all.slice(3)]);
      });
    },
  },
  {
    name: "a value is never a part of its statement",
    async run({ client, url }) {
      const hostile = [
        "' or 1=1 -- ",
        '" or "a"="a',
        "\\' or 1=1 #",
        "?",
        "`",
        "\0",
        "x; drop table y",
      ];
      for (const value of hostile) {
        const statement = "select ? as v, ? = 'other' as same, 'it''s ? \\' ?' as t";
        expect(await ask(client, url, { statement, parameters: [value, value], result: "row" }))
          .toEqual({ v: value, same: 0, t: "it's ? ' ?" });
      }
      const twice = { statement: "select 1; select 2", result: "rows" };
      expect((await failure(ask(client, url, twice))).code).toBe("database.statement");
      const few = { statement: "select ?, ?", parameters: [1], result: "rows" };
      expect(["database.statement", "database.value"]).toContain(
        (await failure(ask(client, url, few))).code,
      );
    },
  },
  {
    name: "results have the shape that was asked for, and no more rows than may be",
    async run({ client, url }) {
      const rows = (most: number) => `select seq as n from seq_1_to_${most}`;
      const result = (statement: string, result: string, more: object = {}) =>
        ask(client, url, { statement, result, ...more });
      expect(await result(rows(2), "rows")).toEqual([{ n: "1" }, { n: "2" }]);
      expect(await result(`${rows(2)} where false`, "rows")).toEqual([]);
      expect(await result(rows(1), "row")).toEqual({ n: "1" });
      expect(await result(`${rows(1)} where false`, "row?")).toBeNull();
      expect(await result(rows(1), "value", { as: { n: "number" } })).toBe(1);
      const codes = await Promise.all([
        failure(result(rows(2), "row")),
        failure(result(`${rows(2)} where false`, "row")),
        failure(result("select 1 as a, 2 as b", "value")),
        failure(result("select 1 as a, 2 as a", "rows")),
        failure(result(rows(1_000_000), "rows", { maxRows: 10 })),
        failure(result(rows(1), "rows", { session: { role: "x" } })),
      ]);
      expect(codes.map(({ code }) => code)).toEqual([
        "database.many_rows",
        "database.no_row",
        "database.many_columns",
        "database.same_name",
        "database.too_many_rows",
        "database.request",
      ]);
      expect(await result(rows(3), "rows", { maxRows: 3 })).toHaveLength(3);
    },
  },
  {
    name: "rows are streamed, left early, and limited",
    async run({ client, url }) {
      const count = (rows: number) => ({
        statement: `select seq as n, repeat('x', 50) as t from seq_1_to_${rows}`,
        result: "rows",
        stream: true,
      });
      const all = await rowsOf(client, url, count(40_000));
      expect([all.length, all.at(-1)]).toEqual([40_000, { n: "40000", t: "x".repeat(50) }]);
      const stream = count(200_000);
      for (let times = 0; times < 6; times++) {
        const { body } = await send(client, url, { ...stream, session: { readOnly: true } });
        const reader = (body as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        await reader.cancel();
      }
      expect((await failure(rowsOf(client, url, { ...stream, maxRows: 1_000 }))).code)
        .toBe("database.too_many_rows");
      const wrong = { ...stream, statement: "select n from no_such_table" };
      expect((await failure(rowsOf(client, url, wrong))).code).toBe("database.statement");
      const none = { ...stream, statement: "select 1 as n from seq_1_to_2 where false" };
      expect(await rowsOf(client, url, none)).toEqual([]);
      expect(await ask(client, url, { statement: "select 1", result: "value" })).toBe(1);
    },
  },
  {
    name: "a session that only reads writes nothing, and no statement changes the connection",
    async run({ client, url }) {
      await withTable(client, url, "n int primary key", async (table) => {
        const [procedure, writer, file] = [ownName("p"), ownName("f"), `/tmp/${ownName("o")}`];
        const change = (statement: string) => ask(client, url, { statement, result: "affected" });
        await change(
          `create function ${writer}() returns int begin set session transaction read write; insert into ${table} values (9); return 1; end`,
        );
        await change(
          `create procedure ${procedure}() begin commit; insert into ${table} values (8); end`,
        );
        try {
          const writes = [
            `insert into ${table} values (1)`,
            `replace into ${table} values (1)`,
            `update ${table} set n = 2`,
            `delete from ${table}`,
            `truncate ${table}`,
            `drop table ${table}`,
            `alter table ${table} add m int`,
            `create table ${table}_2 (n int)`,
            `create temporary table ${table}_3 (n int)`,
            `select ${writer}()`,
            `with x as (select ${writer}() as n) select n from x`,
            `explain select (select ${writer}())`,
            `call ${procedure}()`,
            `begin not atomic commit; insert into ${table} values (1); end`,
            `if 1 then commit; insert into ${table} values (1); end if`,
            `execute immediate 'insert into ${table} values (1)'`,
            `select n into outfile '${file}' from ${table}`,
            `select /**/ n /*! into outfile '${file}' */ from ${table}`,
            `select /*M! 1 into dumpfile '${file}', */ 2`,
            `select "\\" into outfile ", n into outfile '${file}' from ${table}`,
            `load data infile '/etc/hostname' into table ${table}`,
            `set statement max_statement_time = 1 for insert into ${table} values (1)`,
            `analyze insert into ${table} values (1)`,
            `do ${writer}()`,
            `handler ${table} open`,
            ...["commit", "rollback", "start transaction", "xa start 'x'", "savepoint a"],
            ...["set session transaction read write", "set autocommit = 1", "set @a = 1"],
            ...["set global max_connections = 151", "use mysql", "flush tables", "kill 1"],
            ...[
              "lock tables x read",
              "unlock tables",
              "prepare x from 'select 1'",
              "reset query cache",
            ],
            ...[
              "purge binary logs before now()",
              "shutdown",
              "install soname 'x'",
              "select @a := 1",
            ],
            ...[
              "select 1; commit",
              "change master to master_host = 'x'",
              "-- \ncommit",
              "# x\ncommit",
            ],
          ];
          const passed: string[] = [];
          for (const statement of writes) {
            for (const result of ["affected", "rows"]) {
              const session = { readOnly: true };
              await ask(client, url, { statement, result, session }).then(
                () => passed.push(statement),
                () => {},
              );
            }
          }
          expect(passed).toEqual([]);
          const held = [
            "commit",
            "set @a = 1",
            "use mysql",
            `call ${procedure}()`,
            "select @a := 1",
          ];
          for (const statement of held) {
            expect((await failure(change(statement))).code).toBe("database.request");
          }
          const count = { statement: `select count(*) from ${table}`, result: "value" };
          expect(await ask(client, url, count)).toBe("0");
          const stays =
            `select count(*) from information_schema.columns where table_name like '${table}%'`;
          expect(await ask(client, url, { statement: stays, result: "value" })).toBe("1");
        } finally {
          await change(`drop function ${writer}`);
          await change(`drop procedure ${procedure}`);
        }
      });
    },
  },
  {
    name: "what a statement leaves in its session ends with its call",
    async run({ client, url }) {
      const lock = ownName("lock");
      const value = (statement: string) => ask(client, url, { statement, result: "value" });
      expect(await value(`select get_lock('${lock}', 0)`)).toBe(1);
      // The server lets go of it a moment later.
      let free: unknown;
      while (free !== 1) free = await value(`select is_free_lock('${lock}')`);
      const table = ownName("temporary");
      await ask(client, url, {
        statement: `create temporary table ${table} (n int)`,
        result: "affected",
      });
      const gone = failure(value(`select count(*) from ${table}`));
      expect((await gone).code).toBe("database.statement");
    },
  },
  {
    name: "errors say what the server says, by class",
    async run({ client, url }) {
      await withTable(
        client,
        url,
        "n int primary key, m int not null check (m > 0)",
        async (table) => {
          const error = async (statement: string, at = url) => {
            const { code, sent, errorClass } = await failure(
              ask(client, at, {
                statement,
                result: statement.startsWith("select") ? "rows" : "affected",
              }),
            );
            return [code, sent, errorClass];
          };
          await ask(client, url, {
            statement: `insert into ${table} values (1, 1)`,
            result: "affected",
          });
          const all = await Promise.all([
            error(`insert into ${table} values (1, 1)`),
            error(`insert into ${table} values (2, null)`),
            error(`insert into ${table} (n) values (2)`),
            error(`insert into ${table} values (3, -1)`),
            error(`insert into ${table} values ('x', 1)`),
            error(`insert into ${table} values (99999999999, 1)`),
            error(`select x from ${table}`),
            error("select from"),
            error("select 1", url.replace("/test", "/no_such_database")),
            error("select 1", url.replace("root@", "nobody:secret@")),
          ]);
          expect(all.map(([code]) => code)).toEqual([
            ...["database.constraint", "database.constraint", "database.constraint"],
            ...["database.constraint", "database.value", "database.value"],
            ...[
              "database.statement",
              "database.statement",
              "database.not_found",
              "database.denied",
            ],
          ]);
          expect(all.at(-1)?.[1]).toBe("no");
        },
      );
    },
  },
  {
    name: "the server's limit is that of the call, and a victim of another transaction is repeated",
    async run({ client, url }) {
      const slow = {
        statement: "select sum(a.seq * b.seq) from seq_1_to_1000000 a, seq_1_to_1000000 b",
        result: "value",
      };
      const error = await failure(ask(client, url, slow, { timeoutMs: 300 }));
      expect(["deadline.exceeded", "database.statement_timeout"]).toContain(error.code);
      await withTable(client, url, "n int primary key, m int", async (table) => {
        const values = Array.from({ length: 50 }, (_, at) => `(${at}, 0)`).join(", ");
        await ask(client, url, {
          statement: `insert into ${table} values ${values}`,
          result: "affected",
        });
        const update = (order: string) =>
          ask(client, url, {
            statement: `update ${table} set m = m + 1 order by n ${order}`,
            result: "affected",
            session: { isolation: "serializable" },
          });
        await Promise.all(
          Array.from({ length: 12 }, (_, at) => update(at % 2 === 0 ? "asc" : "desc")),
        );
        const sum = {
          statement: `select sum(m) from ${table}`,
          result: "value",
          as: { "sum(m)": "number" },
        };
        expect(await ask(client, url, sum)).toBe(600);
      });
    },
  },
];
