/**
 * What `vastar generate --database` says of the columns of statements, against what the server itself says of the values that
 * they give, and against those values.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { loadFromSpec } from "../../../cli/call/spec.ts";
import { lockDatabases } from "../../../cli/spec/database/lock_run.ts";
import type { Lock, LockedInput } from "../../../codegen/read/database/lock.ts";
import { readStatement } from "../../../codegen/read/database/sql.ts";
import type { ConnectorDefinition } from "../../../src/connector/definition/definition.ts";
import { createChecker } from "../../../src/schema/check.ts";
import { ownName, POSTGRES_PORT, postgresUrl, serverOn } from "../../support/databases.ts";
import { titled } from "../../support/runtimes.ts";
import { ask } from "./ask.ts";
import { QUERIES, TABLES, type TypedQuery } from "./typed_queries.ts";

const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");

describe.skipIf(missing !== undefined)(titled("types of statements", missing), () => {
  const schema = ownName("types");
  const url = postgresUrl();
  const session = { set: { search_path: schema } };
  const open = () =>
    new RuntimeClient({
      address: "embedded:",
      egress: { allow: [`127.0.0.1:${POSTGRES_PORT}`] },
    });
  const client = open();
  /** Connects once the tables are there. */
  const caller = open();
  let folder: string;
  let lock: Lock;
  let definition: ConnectorDefinition;

  const run = (statement: string) => ask(client, url, { statement, result: "affected", session });
  const generate = (check: boolean) =>
    lockDatabases({ paths: [folder], cwd: folder, url, check, onStep: () => {} });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-types-"));
    await ask(client, url, { statement: `create schema ${schema}`, result: "affected" });
    for (const statement of TABLES) await run(statement);
    const operations = Object.entries(QUERIES).map((
      [id, { sql }],
    ) => [id, { sql, result: "rows" }]);
    const spec = {
      connector: 1,
      id: "types",
      version: "1.0.0",
      protocol: "postgres",
      config: { url: { type: "string", secret: true } },
      session,
      operations: Object.fromEntries(operations) as unknown,
    };
    await writeFile(join(folder, "connector.json"), JSON.stringify(spec));
    expect(await generate(false)).toMatchObject({ diagnostics: [], refused: [] });
    lock = JSON.parse(readFileSync(join(folder, "connector.lock.json"), "utf8")) as Lock;
    definition = await loadFromSpec(join(folder, "connector.json")) as ConnectorDefinition;
  }, 60_000);

  afterAll(async () => {
    await ask(client, url, { statement: `drop schema ${schema} cascade`, result: "affected" });
    await client.close();
    await caller.close();
    await rm(folder, { recursive: true });
  });

  test("there are at least thirty", () => {
    expect(Object.keys(QUERIES).length).toBeGreaterThanOrEqual(30);
  });

  for (const [id, query] of Object.entries(QUERIES)) {
    test(`of ${id} are what its values are`, async () => {
      const { columns, inputs } = lock.operations[id] ?? { columns: [], inputs: [] };
      const told = columns.map(({ name, type, notNull }) =>
        `${name}: ${type}${notNull ? "" : "?"}`
      );
      expect(told).toEqual([...query.columns]);
      expect(Object.fromEntries(inputs.map(({ name, type }) => [name, type]))).toEqual({
        ...query.inputs,
      });
      // The server's own word, by running it: of a value, not of a description.
      expect(columns.map(({ type }) => type)).toEqual(await typesOfValues(query, columns));
      // What comes fits the type that a program is told.
      const operation = definition.operations.find((one) => one.id === id);
      const own = definition.create({ url, runtime: caller });
      const rows = await definition.invoke(own, id, query.input ?? {});
      expect((rows as unknown[]).length).toBeGreaterThan(0);
      const check = createChecker(definition.types);
      expect(check(id, operation?.result.schema ?? false, rows)).toEqual([]);
      expect(check(`${id} input`, operation?.input ?? false, query.input ?? {})).toEqual([]);
    });
  }

  async function typesOfValues(
    { sql, input = {} }: TypedQuery,
    columns: readonly LockedInput[],
  ): Promise<string[]> {
    const { text, names } = readStatement(sql, "postgres");
    const asked = columns.map((_, index) =>
      `(select case when t.typcategory = 'A' then e.typname || '[]' when t.typtype = 'd' then b.typname else t.typname end
        from pg_type t left join pg_type e on e.oid = t.typelem left join pg_type b on b.oid = t.typbasetype
        where t.oid = pg_typeof(q.c${index})) as c${index}`
    );
    const renamed = columns.map((_, index) => `c${index}`).join(", ");
    // What changes something and joins it cannot stand within another statement; others have its types.
    if (/^with \w+ as \(update/.test(sql)) return columns.map(({ type }) => type);
    // `q` may be empty, and its types are known all the same.
    const statement = `with q (${renamed}) as (${text}) select ${
      asked.join(", ")
    } from (select 1) one left join q on true limit 1`;
    const parameters = names.map((name) => input[name] as never);
    const row = await ask(client, url, { statement, parameters, result: "row", session });
    return Object.values(row as Record<string, string>);
  }

  test("that have changed on the server are reported, and nothing is written", async () => {
    const path = join(folder, "connector.lock.json");
    const before = readFileSync(path, "utf8");
    expect(await generate(true)).toMatchObject({ changes: [] });
    await run("alter table people alter column vip drop not null");
    await run("alter table people alter column height type double precision");
    const { changes } = await generate(true);
    expect(changes[0]?.lines).toEqual([
      "all: column height is float8 and was float4",
      "all: column vip is bool and was bool not null",
    ]);
    expect(readFileSync(path, "utf8")).toBe(before);
    expect((await generate(false)).changes).toHaveLength(1);
    expect(readFileSync(path, "utf8")).toContain('"name": "height", "type": "float8"');
  });

  test("of a statement that the server does not take are none, and it says why", async () => {
    await run("drop view rich");
    const { refused, changes } = await generate(false);
    expect(refused.map(({ operation }) => operation)).toEqual(["chained", "view"]);
    expect(refused[0]?.message).toContain('relation "rich" does not exist');
    expect(changes).toEqual([]);
  });
});
