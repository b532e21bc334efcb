/** What a statement does, whoever runs it and whatever is between. Binds are those of PostgreSQL. */
import { expect } from "bun:test";
import { ownName } from "../../support/databases.ts";
import { ask, failure, rowsOf, send } from "./ask.ts";
import type { DatabaseBehaviour, DatabaseContext } from "./behaviour.ts";

async function withTable(
  { client, url }: DatabaseContext,
  columns: string,
  use: (table: string) => Promise<void>,
): Promise<void> {
  const table = ownName("t");
  await ask(client, url, { statement: `create table ${table} (${columns})`, result: "affected" });
  try {
    await use(table);
  } finally {
    await ask(client, url, { statement: `drop table ${table}`, result: "affected" });
  }
}

export const statements: readonly DatabaseBehaviour[] = [
  {
    name: "rows are objects, with the types of the server",
    async run({ client, url }) {
      const rows = await ask(client, url, {
        statement:
          `select $1::int4 as small, 9007199254740993::int8 as large, 1.50::numeric as exact,
          7::int8 as counted, 0.5::float8 as float, 'NaN'::float8 as none, true as yes, null as nothing,
          'x"y' as text, '{"a": [1, null]}'::jsonb as json, '\\x00ff'::bytea as bytes,
          '2026-01-31 12:00:00.5'::timestamp as plain, '2026-01-31 12:00:00+02'::timestamptz as zoned,
          '2026-01-31'::date as day, '{1,null,3}'::int4[] as list, '{{a,"b,c"},{"d\\"",null}}'::text[] as lists`,
        parameters: [5],
        result: "rows",
        as: { counted: "number" },
      });
      expect(rows).toEqual([{
        small: 5,
        large: "9007199254740993",
        exact: "1.50",
        counted: 7,
        float: 0.5,
        none: "NaN",
        yes: true,
        nothing: null,
        text: 'x"y',
        json: { a: [1, null] },
        bytes: "AP8=",
        plain: "2026-01-31T12:00:00.5",
        zoned: "2026-01-31T10:00:00+00:00",
        day: "2026-01-31",
        list: [1, null, 3],
        lists: [["a", "b,c"], ['d"', null]],
      }]);
    },
  },
  {
    name: "parameters come back as they were sent",
    async run({ client, url }) {
      const sent = {
        quotes: `'; drop table x; -- "`,
        number: 1.25,
        flag: false,
        json: { a: [1, "x", null], b: "ü\u2028" },
        list: ['a"b', "c\\d", null, "{}"],
        bytes: { $bytes: "AP8Q" },
        nothing: null,
      };
      const row = await ask(client, url, {
        statement:
          `select $1::text as quotes, $2::float8 as number, $3::bool as flag, $4::jsonb as json,
          $5::text[] as list, $6::bytea as bytes, $7::int as nothing`,
        parameters: Object.values(sent),
        result: "row",
      });
      expect(row).toEqual({ ...sent, bytes: sent.bytes.$bytes });
    },
  },
  {
    name: "a value may be larger than a frame",
    async run({ client, url }) {
      const length = await ask(client, url, {
        statement: "select length($1) as n",
        parameters: ["x".repeat(1_500_000)],
        result: "value",
      });
      expect(length).toBe(1_500_000);
    },
  },
  {
    name: "each result has its shape, and says when there is another",
    async run({ client, url }) {
      const some = (count: number) => `select g as n from generate_series(1, ${count}) g`;
      expect(await ask(client, url, { statement: some(0), result: "rows" })).toEqual([]);
      expect(await ask(client, url, { statement: some(1), result: "row" })).toEqual({ n: 1 });
      expect(await ask(client, url, { statement: some(0), result: "row?" })).toBeNull();
      expect(await ask(client, url, { statement: some(1), result: "value" })).toBe(1);
      expect(await ask(client, url, { statement: "select null::int", result: "value" })).toBeNull();
      const codes = await Promise.all([
        failure(ask(client, url, { statement: some(0), result: "row" })),
        failure(ask(client, url, { statement: some(2), result: "row" })),
        failure(ask(client, url, { statement: some(2), result: "row?" })),
        failure(ask(client, url, { statement: "select 1, 2", result: "value" })),
        failure(ask(client, url, { statement: some(11), result: "rows", maxRows: 10 })),
        failure(ask(client, url, { statement: "select 1 as a, 2 as a", result: "rows" })),
        failure(
          ask(client, url, {
            statement: "select 9007199254740993::int8 as n",
            result: "value",
            as: { n: "number" },
          }),
        ),
      ]);
      expect(codes.map(({ code, sent }) => `${code} ${sent}`)).toEqual([
        "database.no_row committed",
        "database.many_rows committed",
        "database.many_rows committed",
        "database.many_columns committed",
        "database.too_many_rows committed",
        "database.same_name committed",
        "database.column committed",
      ]);
    },
  },
  {
    name: "affected counts what was changed",
    async run(context) {
      const { client, url } = context;
      await withTable(context, "n int primary key", async (table) => {
        const insert = `insert into ${table} select generate_series(1, $1::int)`;
        const count = await ask(client, url, {
          statement: insert,
          parameters: [5],
          result: "affected",
        });
        expect(count).toBe(5);
        const error = await failure(
          ask(client, url, { statement: insert, parameters: [5], result: "affected" }),
        );
        expect(error.code).toBe("database.constraint");
        expect(error.sent).toBe("committed");
        expect(error.message).toContain("SQLSTATE 23505");
        // The server's DETAIL says which key it was.
        expect(JSON.stringify(error)).not.toContain("already exists");
      });
    },
  },
  {
    name: "a session that only reads is held by the server",
    async run(context) {
      const { client, url } = context;
      await withTable(context, "n int", async (table) => {
        const writes = [
          `insert into ${table} values (1)`,
          `with x as (insert into ${table} values (1) returning n) select n from x`,
          `create table ${table}_2 (n int)`,
          `do $$ begin insert into ${table} values (1); end $$`,
          `do $$ begin commit; insert into ${table} values (1); end $$`,
          `commit; insert into ${table} values (1)`,
          `truncate ${table}`,
          `drop table ${table}`,
        ];
        for (const statement of writes) {
          await failure(
            ask(client, url, { statement, result: "affected", session: { readOnly: true } }),
          );
        }
        for (const statement of ["commit", "rollback", "set transaction read write"]) {
          // They end or change the transaction in which nothing else is done.
          await ask(client, url, {
            statement,
            result: "affected",
            session: { readOnly: true },
          }).catch(() => {});
        }
        const count = `select count(*) from ${table}`;
        expect(
          await ask(client, url, { statement: count, result: "value", as: { count: "number" } }),
        )
          .toBe(0);
      });
    },
  },
  {
    name: "settings are those of the call, and of no other",
    async run({ client, url }) {
      const show = "select current_setting('app.tenant', true) as tenant, " +
        "current_setting('transaction_read_only') as reads, current_setting('search_path') as path";
      const usual = await ask(client, url, { statement: show, result: "row" });
      const own = await ask(client, url, {
        statement: show,
        result: "row",
        session: {
          readOnly: true,
          set: { "app.tenant": ["o'", { call: "tenantId" }], search_path: "pg_catalog" },
        },
      }, { tenantId: "neill" });
      expect(own).toEqual({ tenant: "o'neill", reads: "on", path: "pg_catalog" });
      for (const readOnly of [true, false]) {
        await ask(client, url, {
          statement: "select set_config('search_path', 'nowhere', false)",
          result: "value",
          session: { readOnly, set: { "app.tenant": "x" } },
        });
        const after = await ask(client, url, { statement: show, result: "row" });
        expect({ ...(after as object), tenant: "" }).toEqual({
          ...(usual as object),
          tenant: "",
        });
      }
    },
  },
  {
    name: "rows are streamed, and an error in the middle is one",
    async run({ client, url }) {
      const rows = await rowsOf(client, url, {
        statement: "select g as n, repeat('x', 50) as t from generate_series(1, 5000) g",
        result: "rows",
        stream: true,
        session: { readOnly: true },
      });
      expect(rows.length).toBe(5_000);
      expect(rows[4_999]).toEqual({ n: 5_000, t: "x".repeat(50) });
      const error = await failure(
        rowsOf(client, url, {
          statement: "select g, 1 / (g - 1000) from generate_series(1, 5000) g",
          result: "rows",
          stream: true,
        }),
      );
      expect(error.code).toBe("database.value");
    },
  },
  {
    name: "a stream that nobody wants frees its connection",
    async run({ client, url }) {
      // More than a pool has connections.
      for (let at = 0; at < 10; at++) {
        const { body } = await send(client, url, {
          statement: "select g as n, repeat('x', 200) as t from generate_series(1, 100000) g",
          result: "rows",
          stream: true,
          session: { readOnly: true },
        });
        if (body instanceof Uint8Array) throw new Error("it is not streamed");
        const reader = body.getReader();
        await reader.read();
        await reader.cancel();
      }
      expect(await ask(client, url, { statement: "select 1 as n", result: "value" })).toBe(1);
    },
  },
  {
    name: "an error leaves nothing behind",
    async run({ client, url }) {
      const broken = await failure(ask(client, url, { statement: "selec 1", result: "rows" }));
      expect([broken.code, broken.sent]).toEqual(["database.statement", "committed"]);
      const nul = await failure(
        ask(client, url, {
          statement: "select $1::text",
          parameters: ["a\u0000b"],
          result: "value",
        }),
      );
      expect(nul.code).toBe("database.value");
      const many = await failure(
        ask(client, url, { statement: "select 1; select 2", result: "rows" }),
      );
      expect(many.code).toBe("database.statement");
      expect(await ask(client, url, { statement: "select 1 as n", result: "value" })).toBe(1);
    },
  },
  {
    name: "a transaction is never left open",
    async run({ client, url }) {
      const open = await failure(
        ask(client, url, { statement: "begin read only", result: "affected" }),
      );
      expect(open.code).toBe("database.transaction");
      const reads = "select current_setting('transaction_read_only')";
      for (let at = 0; at < 5; at++) {
        expect(await ask(client, url, { statement: reads, result: "value" })).toBe("off");
      }
    },
  },
  {
    name: "types and columns that come later are known",
    async run(context) {
      const { client, url } = context;
      await withTable(context, "n int", async (table) => {
        const change = (statement: string) => ask(client, url, { statement, result: "affected" });
        const all = { statement: `select * from ${table}`, result: "row" };
        await change(`insert into ${table} values (1)`);
        expect(await ask(client, url, all)).toEqual({ n: 1 });
        await change(`create type ${table}_mood as enum ('well', 'so, so')`);
        await change(`alter table ${table} add moods ${table}_mood[] default '{well,"so, so"}'`);
        for (const session of [{ readOnly: true }, {}, { readOnly: true }]) {
          expect(await ask(client, url, { ...all, session })).toEqual({
            n: 1,
            moods: ["well", "so, so"],
          });
        }
        await change(`alter table ${table} drop moods`);
        await change(`drop type ${table}_mood`);
        expect(await ask(client, url, { ...all, session: { readOnly: true } })).toEqual({ n: 1 });
      });
    },
  },
  {
    name: "describe runs nothing",
    async run(context) {
      await withTable(context, "n int4 not null, t text", async (table) => {
        const { client, url } = context;
        const found = await ask(client, url, {
          statement: `insert into ${table} values ($1, $2) returning n, t`,
          result: "describe",
        });
        expect(found).toMatchObject({
          parameters: [23, 25],
          columns: [{ name: "n", type: 23, column: 1 }, { name: "t", type: 25, column: 2 }],
        });
        const rows = `select count(*) from ${table}`;
        expect(await ask(client, url, { statement: rows, result: "value" })).toBe("0");
      });
    },
  },
];
