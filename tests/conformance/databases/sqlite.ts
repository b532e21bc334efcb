/** What SQLite does, the runtimes' own, and what an operator lets callers open. */
import { expect } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeClient } from "../../../mod.ts";
import { ask, failure, rowsOf } from "./ask.ts";
import type { DatabaseBehaviour } from "./behaviour.ts";

async function withOrders(client: RuntimeClient, url: string): Promise<void> {
  const create = "create table orders (id integer primary key, total real, paid, about text, at)";
  await ask(client, url, { statement: create, result: "affected" });
  await ask(client, url, {
    statement: "insert into orders values (1, 2.5, ?1, ?2, ?3), (2, null, 0, 'x', 7)",
    parameters: [true, { a: [1] }, { $bytes: "AP8=" }],
    result: "affected",
  });
}

export const sqlite: readonly DatabaseBehaviour[] = [
  {
    name: "rows and parameters",
    async run({ client, url }) {
      await withOrders(client, url);
      const rows = await ask(client, url, {
        statement: "select * from orders order by id",
        result: "rows",
      });
      expect(rows).toEqual([
        { id: 1, total: 2.5, paid: 1, about: '{"a":[1]}', at: "AP8=" },
        { id: 2, total: null, paid: 0, about: "x", at: 7 },
      ]);
      const row = await ask(client, url, {
        statement: "select id, paid, about from orders where id = ?1",
        parameters: [1],
        result: "row",
        as: { id: "text", paid: "boolean", about: "json" },
      });
      expect(row).toEqual({ id: "1", paid: true, about: { a: [1] } });
      const large = "select 9007199254740993 as n";
      expect(await ask(client, url, { statement: large, result: "value", as: { n: "text" } }))
        .toBe("9007199254740993");
      expect((await failure(ask(client, url, { statement: large, result: "value" }))).code)
        .toBe("database.column");
      const injected = "'; drop table orders; --";
      expect(
        await ask(client, url, { statement: "select ?1", parameters: [injected], result: "value" }),
      ).toBe(injected);
      const change = "update orders set total = 1 where total is null";
      expect(await ask(client, url, { statement: change, result: "affected" })).toBe(1);
    },
  },
  {
    name: "what is wrong is said",
    async run({ client, url }) {
      await withOrders(client, url);
      const statements = [
        "selec 1",
        "insert into orders (id) values (1)",
        "select 1; drop table orders",
        "attach database '/tmp/x' as x",
        "/* a */ -- b\n pragma query_only = 0",
        "begin",
        "vacuum into '/tmp/x'",
        "select 1 as a, 2 as a",
      ];
      const codes = [];
      for (const statement of statements) {
        codes.push((await failure(ask(client, url, { statement, result: "rows" }))).code);
      }
      expect(codes).toEqual([
        "database.statement",
        "database.constraint",
        ...Array.from({ length: 5 }, () => "database.request"),
        "database.same_name",
      ]);
      const many = { statement: "select ?1", parameters: [1, 2], result: "value" };
      expect((await failure(ask(client, url, many))).code).toBe("database.statement");
      const quoted = `select ';' as "a;b" /* ; */ -- ;`;
      expect(await ask(client, url, { statement: quoted, result: "value" })).toBe(";");
      const trigger = "create trigger t after insert on orders begin " +
        "update orders set about = 'y'; update orders set at = 1; end";
      expect(await ask(client, url, { statement: trigger, result: "affected" })).toEqual(
        expect.any(Number),
      );
    },
  },
  {
    name: "a session that only reads is held, and what is broken off is undone",
    async run({ client, url }) {
      await withOrders(client, url);
      for (const statement of ["insert into orders (id) values (3)", "drop table orders"]) {
        const work = ask(client, url, {
          statement,
          result: "affected",
          session: { readOnly: true },
        });
        expect((await failure(work)).code).toBe("database.read_only");
      }
      const wrong = {
        statement: "insert into orders (id, total) values (4, 1) returning id, total as id",
        result: "rows",
        session: { isolation: "serializable" },
      };
      expect((await failure(ask(client, url, wrong))).code).toBe("database.same_name");
      const count = "select count(*) from orders";
      expect(await ask(client, url, { statement: count, result: "value" })).toBe(2);
      const next = "insert into orders (id) values (3)";
      expect(await ask(client, url, { statement: next, result: "affected" })).toBe(1);
    },
  },
  {
    name: "rows are streamed",
    async run({ client, url }) {
      const rows = await rowsOf(client, url, {
        statement:
          "with recursive n(n) as (select 1 union all select n + 1 from n where n < 20000) select n from n",
        result: "rows",
        stream: true,
        session: { readOnly: true },
      });
      expect(rows.length).toBe(20_000);
      const broken = "select case n when 2 then abs(-9223372036854775808) else n end as x " +
        "from (select 1 as n union all select 2)";
      const error = await failure(
        rowsOf(client, url, { statement: broken, result: "rows", stream: true }),
      );
      expect(error.code).toBe("database.statement");
      expect(await ask(client, url, { statement: "select 1", result: "value" })).toBe(1);
    },
  },
  {
    name: "opens what the operator lets it open, and nothing else",
    async run({ client, folder }) {
      const outside = join(folder, "outside.db");
      for (const path of [outside, `${folder}/open/../outside.db`, `${folder}/open/%2e%2e/x.db`]) {
        const work = ask(client, `sqlite:${path}`, { statement: "select 1", result: "value" });
        expect((await failure(work)).code).toBe("database.file_denied");
      }
      expect(existsSync(outside)).toBe(false);
      const url = `sqlite:${folder}/open/none/x.db`;
      const absent = ask(client, url, { statement: "select 1", result: "value" });
      expect((await failure(absent)).code).toBe("database.not_found");
    },
  },
  {
    name: "what a statement makes for its connection ends with its call",
    async run({ client, folder }) {
      const file = `sqlite:${folder}/open/${crypto.randomUUID()}.db`;
      const run = (statement: string) => ask(client, file, { statement, result: "affected" });
      const count = () =>
        ask(client, file, { statement: "select count(*) from kept", result: "value" });
      await run("create table kept (n)");
      await run("insert into kept values (1)");
      const hidden = [
        "create temp table kept (n)",
        "create /* */ Temporary view kept as select 1 as n where 0",
        'create table "temp".kept (n)',
        "create temp trigger empty after insert on main.kept begin delete from kept; end",
      ];
      let left = 1;
      for (const statement of hidden) {
        await run(statement);
        expect([statement, await count()]).toEqual([statement, left]);
        await run("insert into kept values (1)");
        expect([statement, await count()]).toEqual([statement, ++left]);
      }
    },
  },
  {
    name: "databases in memory are the tenant's own",
    async run({ client, url }) {
      const statement = "create table mine (n)";
      for (const tenantId of ["one", "two"]) {
        await ask(client, url, { statement, result: "affected" }, { tenantId });
      }
    },
  },
  {
    name: "a database by name, for whom the operator says, and only to read",
    async run({ client }) {
      const asked = { tenantId: "acme" };
      const read = { statement: "select 1", result: "value" };
      expect(await ask(client, "database:of-files", read, asked)).toBe(1);
      const write = { statement: "create table t (n)", result: "affected" };
      const errors = [
        await failure(ask(client, "database:of-files", write, asked)),
        await failure(ask(client, "database:of-files", read, { tenantId: "other" })),
        await failure(ask(client, "database:of-files", read, { ...asked, connector: "http" })),
        await failure(ask(client, "database:none", read, asked)),
      ];
      expect(errors.map(({ code }) => code)).toEqual([
        "database.read_only",
        ...Array.from({ length: 3 }, () => "database.unknown"),
      ]);
    },
  },
];
