/** `vastar generate --database` over MariaDB, and the calls that come of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../../mod.ts";
import { loadFromSpec } from "../../../../cli/call/spec.ts";
import { COMMANDS } from "../../../../cli/commands.ts";
import { ask } from "../../../conformance/databases/ask.ts";
import { mariadbServer, mysqlUrl, ownName } from "../../../support/databases.ts";
import { titled } from "../../../support/runtimes.ts";
import { writeTree } from "../../../support/tree.ts";
import { runInProcess } from "../in_process.ts";

const { missing } = await mariadbServer();
const [notes, tags] = [ownName("notes"), ownName("tags")];
const url = mysqlUrl();

const SPEC = `connector: 1
id: notes
version: 1.0.0
protocol: mysql
config: { url: { type: string, secret: true, env: NOTES_DB } }
session: { readOnly: true }
operations:
  list:
    sql: select * from ${notes} where text like $like or (text = $other and text <> '$like') or text like $like order by id
    input: { like: string, other: { type: string, optional: true } }
  tags:
    sql: select n.id, t.name from ${notes} n left join ${tags} t on t.note = n.id
  count:
    sql: select count(*) as n, max(size) as most from ${notes}
    columns: { n: integer }
    result: row
  add:
    sql: insert into ${notes} (text, done, kind) values ($text, $done, $kind)
    input: { text: string, done: { type: boolean, default: false }, kind: string }
    session: { readOnly: false }
  all: { sql: select id from ${notes} order by id, stream: rows }
`;

let folder: string;
const runtime = new RuntimeClient({
  address: "embedded:",
  engine: { egress: { allow: ["loopback"] } },
});
const change = (statement: string) => ask(runtime, url, { statement, result: "affected" });

const generate = async (...args: string[]) => {
  const run = runInProcess(COMMANDS, ["generate", "notes", ...args], folder);
  return { code: await run.code, stdout: run.stdout(), stderr: run.stderr() };
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vastar-mysql-"));
  await writeTree(folder, { "notes/connector.yaml": SPEC });
  if (missing !== undefined) return;
  await change(
    `create table ${notes} (id bigint primary key auto_increment, text varchar(50) not null, done boolean not null, ` +
      "kind enum('a', 'it''s'), extra json, size decimal(9,2), at timestamp(3) null, raw varbinary(9))",
  );
  await change(`create table ${tags} (note bigint not null, name varchar(20) not null)`);
});
afterAll(async () => {
  if (missing === undefined) {
    await change(`drop table ${notes}`);
    await change(`drop table ${tags}`);
  }
  await runtime.close();
  await rm(folder, { recursive: true });
});

const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(missing !== undefined)(titled(name, missing), run);

check("the server is asked, and what it said is enough from then on", async () => {
  const asked = await generate("--database", url);
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  expect(await generate("--check")).toMatchObject({ code: 0, stdout: "1 connector up to date.\n" });
  const types = readFileSync(join(folder, "notes/types.gen.ts"), "utf8").replace(/\s+/g, " ");
  expect(types).toContain(
    'id: string; text: string; done: boolean; kind: "a" | "it\'s" | null; extra: unknown; ' +
      "size: string | null; at: string | null; raw: string | null;",
  );
  // A join may leave one side out, and the server knows which.
  expect(types).toContain("export interface TagsRow { id: string; name: string | null }");
  expect(types).toContain("export interface CountRow { n: number; most: string | null }");
});

check("calls give what the types say", async () => {
  const definition = await loadFromSpec(join(folder, "notes/connector.yaml"));
  const client = definition?.create({ url, runtime });
  const call = async (id: string, input: unknown = {}) =>
    client === undefined ? undefined : await definition?.invoke(client, id, input);
  expect(await call("add", { text: "tea", done: true, kind: "it's" })).toBe(1);
  expect(await call("add", { text: "milk", kind: "a" })).toBe(1);
  expect(await call("list", { like: "t%" })).toEqual([
    {
      ...{ id: "1", text: "tea", done: true, kind: "it's", extra: null, size: null, at: null },
      raw: null,
    },
  ]);
  expect(await call("list", { like: "x", other: "milk" })).toMatchObject([{ text: "milk" }]);
  expect(await call("count")).toEqual({ n: 2, most: null });
});

check("a table that is another by now is told", async () => {
  await change(`alter table ${notes} modify size int`);
  const { code, stdout, stderr } = await generate("--check", "--database", url);
  expect(code).toBe(1);
  expect(`${stdout}${stderr}`).toContain("column size is int(11) and was decimal(9,2)");
});
