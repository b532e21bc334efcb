/** What goes wrong between a runtime and MariaDB, with a proxy that cuts and counts. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RuntimeClient, type RuntimeClientOptions } from "../../../../mod.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import { DatabaseProxy } from "../../../support/servers/database_proxy.ts";
import { mariadbServer, MYSQL_PORT, mysqlUrl, ownName } from "../../../support/databases.ts";
import { titled } from "../../../support/runtimes.ts";
import { ask, failure, send, textOf } from "../../../conformance/databases/ask.ts";
import { tryGivingUp } from "../../../conformance/databases/given_up.ts";

const { missing } = await mariadbServer();
const direct = mysqlUrl();
const clients: RuntimeClient[] = [];
let proxy: DatabaseProxy;
let url: string;

beforeAll(async () => {
  proxy = await DatabaseProxy.start(MYSQL_PORT, "greets");
  url = mysqlUrl(proxy.port);
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await proxy.stop();
});

function client(engine: EngineOptions = {}, options: RuntimeClientOptions = {}): RuntimeClient {
  const made = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: ["loopback"] }, ...engine },
    ...options,
  });
  clients.push(made);
  return made;
}

const ours = client();
const value = (statement: string, rest: object = {}) => ({ statement, result: "value", ...rest });
const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(missing !== undefined)(titled(name, missing), run, 60_000);

/** Until the server runs that many statements with the mark in them. */
async function running(mark: string, count: number): Promise<void> {
  const [head, tail] = [mark.slice(0, 3), mark.slice(3)];
  const question = value(
    "select count(*) from information_schema.processlist where info like concat('%', ?, ?, '%')",
    { parameters: [head, tail] },
  );
  while (Number(await ask(ours, direct, question)) !== count) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Until a later connection runs a statement with the mark in it; its number. */
async function later(mark: string, than: number): Promise<number> {
  const question = value(
    "select max(id) from information_schema.processlist where info like concat('%', ?, ?, '%')",
    { parameters: [mark.slice(0, 3), mark.slice(3)] },
  );
  for (;;) {
    const id = Number(await ask(ours, direct, question));
    if (id > than) return id;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

check(
  "a server lost in the middle: a write may have happened, what reads is repeated",
  async () => {
    const one = client();
    for (const [readOnly, attempts] of [[false, 1], [true, 3]] as const) {
      const mark = ownName("lost");
      const work = failure(
        ask(one, url, value(`select sleep(60) as ${mark}`, { session: { readOnly } })),
      );
      let id = 0;
      for (let attempt = 1; attempt <= attempts; attempt++) {
        id = await later(mark, id);
        proxy.cut();
      }
      const error = await work;
      expect([error.code, error.sent, error.attempts]).toEqual([
        "database.connection_lost",
        "maybe",
        attempts,
      ]);
    }
    expect(await ask(one, url, value("select 1"))).toBe(1);
  },
);

check("connections lost while nobody uses them are not used", async () => {
  const one = client({ retry: false });
  await ask(one, url, value("select 1"));
  proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await ask(one, url, value("select 2"))).toBe(2);
});

const many = {
  statement: "select seq as n, repeat('x', 1000) as t from seq_1_to_200000",
  result: "rows",
  stream: true,
};

check("a stream whose connection is lost ends with an error", async () => {
  const one = client({ retry: false });
  for (const session of [{ readOnly: true }, {}]) {
    const { body } = await send(one, url, { ...many, session });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    proxy.cut();
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    expect((await failure(rest)).code).toBe("database.connection_lost");
    expect(await ask(one, url, value("select 1"))).toBe(1);
  }
});

check("a reader that stands still stops the server", async () => {
  const one = client();
  const { body } = await send(one, url, { ...many, session: { readOnly: true } });
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  // What the system holds for both ends is there by then.
  let before = -1;
  while (before !== proxy.received) {
    before = proxy.received;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(before).toBeLessThan(100_000_000);
  await reader.cancel();
  expect(await ask(one, url, value("select 1"))).toBe(1);
});

check("what is given up ends on the server: by its caller, or by its deadline", async () => {
  const asleep = (mark: string) => ({ statement: `select sleep(60) as ${mark}` });
  await tryGivingUp(client({ databases: { poolSize: 1 } }), url, asleep, running);
});

check("eight callers share the connections of a pool", async () => {
  const own = await DatabaseProxy.start(MYSQL_PORT, "greets");
  const shared = mysqlUrl(own.port);
  const one = client();
  const calls = Array.from({ length: 80 }, (_, at) => ask(one, shared, value(`select ${at}`)));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 80 }, (_, at) => at));
  expect(own.connections).toBe(4);
  await ask(one, shared, value("select 1"), { tenantId: "other" });
  expect(own.connections).toBe(5);
  await own.stop();
});

check("none of 200 writes passes a session that only reads", async () => {
  const table = ownName("t");
  await ask(ours, direct, { statement: `create table ${table} (n int)`, result: "affected" });
  const named = client({
    databases: { named: { shop: { url: direct, connectors: ["*"], readOnly: true } } },
  });
  const codes = await Promise.all(Array.from({ length: 200 }, async (_, at) => {
    const body = {
      statement: at % 2 === 0
        ? `insert into ${table} values (?)`
        : `with x as (select ? as n) select n from x; insert into ${table} values (1)`,
      parameters: [at],
      result: "affected",
    };
    return (await failure(ask(named, "database:shop", body))).code;
  }));
  expect([...new Set(codes)].sort()).toEqual(["database.read_only", "database.statement"]);
  expect(await ask(ours, direct, value(`select count(*) from ${table}`))).toBe("0");
  await ask(ours, direct, { statement: `drop table ${table}`, result: "affected" });
});

check("a table that changes between two calls", async () => {
  const one = client({ databases: { poolSize: 1 } });
  const table = ownName("t");
  const change = (statement: string) => ask(one, direct, { statement, result: "affected" });
  await change(`create table ${table} (a int)`);
  await change(`insert into ${table} values (1)`);
  const select = { statement: `select * from ${table}`, result: "row" };
  expect(await ask(one, direct, select)).toEqual({ a: 1 });
  await change(`alter table ${table} add b text default 'x'`);
  expect(await ask(one, direct, select)).toEqual({ a: 1, b: "x" });
  await change(`drop table ${table}`);
});

check("rows may be large, up to what a whole answer may be", async () => {
  const one = client();
  const rows = (count: number) => ({
    statement: `select repeat('x', 1000000) as t from seq_1_to_${count}`,
    result: "rows",
  });
  expect((await ask(one, direct, rows(20)) as unknown[]).length).toBe(20);
  expect((await failure(ask(one, direct, rows(80)))).code).toBe("database.too_large");
  expect(await ask(one, direct, value("select 1"))).toBe(1);
});

check("no error has the password, or the values of the statement", async () => {
  const one = client({ retry: false });
  const secret = "hunter2-hunter2";
  const absent = await failure(
    ask(one, direct.replace("root@", `nobody:${secret}@`), value("select 1")),
  );
  expect([absent.code, absent.sent]).toEqual(["database.denied", "no"]);
  const wrong = await failure(
    ask(one, direct, value("select nothing(?)", { parameters: ["4711"] })),
  );
  for (const error of [absent, wrong]) {
    const shown = `${JSON.stringify(error)} ${error.stack} ${String(error.cause)}`;
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain("4711");
    expect(shown).not.toContain("select");
  }
});

check("a server that is none, and one that breaks off its greeting", async () => {
  const one = client({ retry: false });
  const dead = await DatabaseProxy.start(1, "greets");
  const error = await failure(ask(one, mysqlUrl(dead.port), value("select 1")));
  expect([error.code, error.sent]).toEqual(["database.connection_lost", "no"]);
  await dead.stop();
});

check("the egress policy holds, by the address, and so does the list of options", async () => {
  const closed = client({ egress: {} });
  for (const target of [direct, direct.replace("127.0.0.1", "localhost"), "mariadb://[::1]/test"]) {
    expect((await failure(ask(closed, target, value("select 1")))).code).toBe("egress.denied");
  }
  const options = await failure(ask(ours, `${direct}?multipleStatements=true`, value("select 1")));
  expect(options.code).toBe("request.url");
});

check("an answer of a million rows is passed on as it comes", async () => {
  const { body } = await send(ours, direct, {
    statement: "select seq as n from seq_1_to_1000000",
    result: "rows",
    stream: true,
    session: { readOnly: true },
  });
  const text = await textOf(body);
  expect(text.length).toBe(text.split("\n").slice(0, -1).join("\n").length + 1);
  expect(text.endsWith('{"n":"1000000"}\n')).toBe(true);
});
