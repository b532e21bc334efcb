/** `vastar generate --database` over a file of SQLite, which every runtime has, and the calls that come of it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../../mod.ts";
import { loadFromSpec } from "../../../../cli/call/spec.ts";
import { COMMANDS } from "../../../../cli/commands.ts";
import { writeTree } from "../../../support/tree.ts";
import { runInProcess } from "../in_process.ts";

const SPEC = `connector: 1
id: notes
version: 1.0.0
protocol: sqlite
config: { url: { type: string, env: NOTES_DB } }
session: { readOnly: true }
operations:
  list:
    sql: select id, text, done, extra, size, at from notes where text like $like order by id
    input: { like: string }
  get:
    sql: select id, text, done from notes where id = $id
    input: { id: integer }
    result: row?
  tags:
    sql: select n.id, t.name from notes n left join tags t on t.note = n.id
  count:
    sql: select count(*) from notes
    columns: { "count(*)": integer }
    result: value
  add:
    sql: insert into notes (text, done) values ($text, $done)
    input: { text: string, done: { type: boolean, default: false } }
    session: { readOnly: false }
  all: { sql: select id from notes order by id, stream: rows }
`;

let folder: string;
let file: string;

function inDatabase(sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

async function generate(
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const run = runInProcess(COMMANDS, ["generate", "notes", ...args], folder);
  return { code: await run.code, stdout: run.stdout(), stderr: run.stderr() };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vastar-notes-"));
  file = join(folder, "notes.db");
  await writeTree(folder, { "notes/connector.yaml": SPEC });
  inDatabase(
    `create table notes (id integer primary key, text text not null, done boolean not null, extra json, size real, at);
    create table tags (note integer not null, name text not null);
    insert into notes values (1, 'tea', 1, '{"a": [1]}', 2.5, 'x'), (2, 'milk', 0, null, null, null);
    insert into tags values (1, 'shop')`,
  );
});
afterAll(() => rm(folder, { recursive: true }));

test("the database is asked, and what it said is enough from then on", async () => {
  const asked = await generate("--database", `sqlite:${file}`);
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  expect(asked.stdout).toContain("~ notes/connector.lock.json\n    list: new\n");
  expect(await generate("--check")).toMatchObject({ code: 0, stdout: "1 connector up to date.\n" });
  const types = readFileSync(join(folder, "notes/types.gen.ts"), "utf8");
  expect(types).toContain(
    "id: number; text: string; done: boolean; extra: unknown; size: number | null; at: unknown;",
  );
  // A join may leave a side out, and which one SQLite does not say.
  expect(types).toContain("export interface TagsRow { id: number | null; name: string | null }");
});

test("what is asked again is the same, byte for byte", async () => {
  const path = join(folder, "notes/connector.lock.json");
  const before = readFileSync(path, "utf8");
  const again = await generate("--database", `sqlite:${file}`);
  expect(again).toMatchObject({ code: 0, stdout: "1 connector up to date.\n" });
  expect(readFileSync(path, "utf8")).toBe(before);
});

test("calls give what the types say", async () => {
  const definition = await loadFromSpec(join(folder, "notes/connector.yaml"));
  const runtime = new RuntimeClient({
    address: "embedded:",
    engine: { databases: { files: [file] } },
  });
  const client = definition?.create({ url: `sqlite:${file}`, runtime });
  const call = async (id: string, input: unknown = {}) =>
    client === undefined ? undefined : await definition?.invoke(client, id, input);
  try {
    expect(await call("list", { like: "%" })).toEqual([
      { id: 1, text: "tea", done: true, extra: { a: [1] }, size: 2.5, at: "x" },
      { id: 2, text: "milk", done: false, extra: null, size: null, at: null },
    ]);
    expect(await call("get", { id: 1 })).toEqual({ id: 1, text: "tea", done: true });
    expect(await call("get", { id: 404 })).toBeNull();
    expect(await call("add", { text: "'); drop table notes; --" })).toBe(1);
    expect(await call("count")).toBe(3);
    const ids: unknown[] = [];
    for await (
      const row of (definition?.invoke(client as never, "all", {}) ?? []) as AsyncIterable<unknown>
    ) {
      ids.push(row);
    }
    expect(ids).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  } finally {
    await runtime.close();
  }
});

test("a statement that has changed since has no types, and is reported with its place", async () => {
  const path = join(folder, "notes/connector.yaml");
  writeFileSync(path, SPEC.replace("select id, text, done from", "select id, done, text from"));
  const { code, stderr } = await generate("--check");
  expect(code).toBe(1);
  expect(stderr).toContain("notes/connector.yaml:12:10: error VC2609:");
  expect((await generate("--database", `sqlite:${file}`)).stdout).toContain(
    "    get: the statement has changed\n    get: the columns have another order\n",
  );
  writeFileSync(path, SPEC);
  expect(await generate("--database", `sqlite:${file}`)).toMatchObject({ code: 0 });
});

test("a database that has changed since is reported, and nothing is written", async () => {
  inDatabase(
    "alter table notes rename column size to weight; alter table notes add column size text",
  );
  const path = join(folder, "notes/connector.lock.json");
  const before = readFileSync(path, "utf8");
  const { code, stderr } = await generate("--check", "--database", `sqlite:${file}`);
  expect(code).toBe(1);
  expect(stderr).toBe(
    "~ notes/connector.lock.json is not what the database says: run generate --database.\n" +
      "    list: column size is TEXT and was REAL\n",
  );
  expect(readFileSync(path, "utf8")).toBe(before);
});

test("what cannot be asked says so: a statement, a file, a scheme, two specs", async () => {
  inDatabase("drop table tags");
  const refused = await generate("--database", `sqlite:${file}`);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("notes/connector.yaml:15:3: tags: no such table: tags\n");
  const cases: readonly (readonly [url: string, message: string])[] = [
    ["sqlite:/nowhere/x.db", "/nowhere/x.db cannot be opened"],
    ["oracle://localhost/x", "takes the address of a database with statements"],
    ["postgres://user:hunter22@127.0.0.1:1/x", "no spec here says `protocol: postgres`"],
  ];
  for (const [url, message] of cases) {
    const { code, stderr } = await generate("--database", url);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("hunter22");
  }
  await writeTree(folder, { "two/a/connector.yaml": SPEC, "two/b/connector.yaml": SPEC });
  const two = runInProcess(COMMANDS, ["generate", "two", "--database", `sqlite:${file}`], folder);
  expect(await two.code).toBe(1);
  expect(two.stderr()).toContain(
    "these are several specs: two/a/connector.yaml, two/b/connector.yaml",
  );
  const both = runInProcess(COMMANDS, ["generate", "notes", "--watch", "--database", "x"], folder);
  expect(await both.code).toBe(2);
});
