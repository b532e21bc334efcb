/** What goes wrong between a runtime and PostgreSQL, with a proxy that cuts and counts. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { RuntimeClient, type RuntimeClientOptions } from "../../../../mod.ts";
import type { EngineOptions } from "../../../../src/engine/engine.ts";
import { DatabaseProxy } from "../../../support/servers/database_proxy.ts";
import { ownName, POSTGRES_PORT, postgresUrl, serverOn } from "../../../support/databases.ts";
import { titled } from "../../../support/runtimes.ts";
import { ask, failure, send, textOf } from "../../../conformance/databases/ask.ts";
import { tryGivingUp } from "../../../conformance/databases/given_up.ts";

const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");
const direct = postgresUrl();
const clients: RuntimeClient[] = [];
let proxy: DatabaseProxy;
let url: string;

beforeAll(async () => {
  proxy = await DatabaseProxy.start(POSTGRES_PORT);
  url = `${postgresUrl(proxy.port)}?sslmode=disable`;
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

async function textIn(work: ReturnType<typeof send>): Promise<string> {
  return await textOf((await work).body);
}

const ours = client();
const value = (statement: string, rest: object = {}) => ({ statement, result: "value", ...rest });

/** Until the server runs that many statements with the mark in them. */
async function running(mark: string, count: number): Promise<void> {
  // The question is not one of them.
  const [head, tail] = [mark.slice(0, 3), mark.slice(3)];
  const question = value(
    "select count(*)::int from pg_stat_activity where state = 'active' " +
      `and query like '%' || $1 || $2 || '%'`,
    { parameters: [head, tail] },
  );
  while (await ask(ours, direct, question) !== count) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const check = (name: string, run: () => Promise<void>) =>
  test.skipIf(missing !== undefined)(titled(name, missing), run);

check(
  "a server lost in the middle of a write: it may have happened, and is not repeated",
  async () => {
    const mark = ownName("lost");
    const one = client();
    const work = failure(ask(one, url, value(`select pg_sleep(60) /* ${mark} */`)));
    await running(mark, 1);
    proxy.cut();
    const error = await work;
    expect([error.code, error.sent, error.attempts]).toEqual([
      "database.connection_lost",
      "maybe",
      1,
    ]);
    expect(await ask(one, url, value("select 1"))).toBe(1);
  },
);

check(
  "what would change the connection for others, or take it out of asking, is refused",
  async () => {
    const one = client();
    const statements = [
      "copy pg_class from stdin",
      "copy (select 1) to stdout",
      " ;--\rCopy (select 1) to '/tmp/never'",
      "/* a /* b */ */ copy (select 1) to program 'true'",
      "set role postgres",
      "discard all",
      "listen l",
      "unlisten *",
      "declare c cursor with hold for select 1",
      "deallocate all",
      "prepare p as select 1",
      "reset role",
    ];
    for (const session of [undefined, { readOnly: true }, { readOnly: false }]) {
      for (const statement of statements) {
        for (const stream of [false, true]) {
          const body = { statement, result: "rows", stream, ...session && { session } };
          const error = await failure(textIn(send(one, direct, body)));
          expect([statement, error.code, error.sent]).toEqual([
            statement,
            "database.request",
            "no",
          ]);
        }
      }
    }
    expect(await ask(one, direct, value("select 'set copy' /* copy */"))).toBe("set copy");
  },
);

check("a stream of a statement without rows ends", async () => {
  const name = ownName("norows");
  const statements = [
    `create table ${name} as select 1 as n`,
    `insert into ${name} values (2), (3)`,
    `delete from ${name} where n = 7`,
    `drop table ${name}`,
  ];
  for (const statement of statements) {
    expect([
      statement,
      await textIn(send(client(), direct, { statement, result: "rows", stream: true })),
    ])
      .toEqual([statement, ""]);
  }
});

check("what a statement leaves in its session ends with its call", async () => {
  const one = client();
  const lock = 4_711 + (Date.now() % 1e6) * 1e4;
  const held = "select count(*)::int from pg_locks where locktype = 'advisory' " +
    `and (classid::bigint << 32) + objid::bigint = ${lock}`;
  const lasting = [
    `select pg_advisory_lock(${lock})::text`,
    `select pg_try_advisory_lock_shared(${lock})`,
    "select set_config('app.left', 'yes', false)",
    "select U&\"set\\005fconfig\"('app.left', 'yes', false)",
    "do $$ begin set app.left = 'yes'; end $$",
    "do $$ begin execute 'create tem' || 'p table left_over (n int)'; end $$",
    "create temp table left_over as select 1 as n",
    "create temp/**/table left_over as select 1 as n",
    "create table pg_temp.left_over as select 1 as n",
    "select 1 as n into temporary left_over",
  ];
  for (const session of [undefined, { readOnly: true }, { readOnly: false }]) {
    for (const statement of lasting) {
      for (const stream of [false, true]) {
        const body = { statement, result: "rows", stream, ...session && { session } };
        // A session that only reads may make a temporary table, or not.
        await textIn(send(one, direct, body)).catch(() => {});
        // The server ends a session a moment after its connection.
        while (await ask(one, direct, value(held)) !== 0) {
          await new Promise((wake) => setTimeout(wake, 5));
        }
        const left = "select coalesce(current_setting('app.left', true), '') || " +
          "coalesce(to_regclass('pg_temp.left_over')::text, '')";
        expect([statement, await ask(one, direct, value(left))]).toEqual([statement, ""]);
      }
    }
  }
});

check("streams that cannot begin leave their connections to others", async () => {
  const one = client();
  const spoilt = { statement: "select $1::bytea", parameters: [{ $bytes: "?" }] };
  for (let made = 0; made < 12; made++) {
    const asked = send(one, direct, { ...spoilt, result: "rows", stream: true });
    expect((await failure(asked)).code).toBe("database.request");
  }
  expect(await ask(one, direct, value("select 1"))).toBe(1);
});

check("the same of what only reads is repeated", async () => {
  const mark = ownName("read");
  const one = client();
  const question = value(`select 7 from pg_sleep(0.3) /* ${mark} */`, {
    session: { readOnly: true },
  });
  const work = send(one, url, question);
  await running(mark, 1);
  proxy.cut();
  const reply = await work;
  expect(reply.attempts).toBe(2);
  expect(reply.status).toBe(200);
});

check("connections lost while nobody uses them are not used", async () => {
  const one = client({ retry: false });
  await ask(one, url, value("select 1"));
  const before = proxy.connections;
  proxy.cut();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await ask(one, url, value("select 2"))).toBe(2);
  expect(proxy.connections).toBe(before + 1);
});

check("a stream whose connection is lost ends with an error, wherever it is", async () => {
  const one = client({ retry: false });
  for (const session of [{ readOnly: true }, {}]) {
    const { body } = await send(one, url, {
      statement: "select g, repeat('x', 1000) as t from generate_series(1, 100000) g",
      result: "rows",
      stream: true,
      session,
    });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    proxy.cut();
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    const error = await failure(rest);
    // Rows have come of it, whatever has become of the statement.
    expect([error.code, error.sent]).toEqual(["database.connection_lost", "committed"]);
  }
  expect(await ask(one, url, value("select 1"))).toBe(1);
});

check(
  "a stream that the server ends while its reader stands still does not look whole",
  async () => {
    const mark = ownName("ended");
    const one = client({ retry: false });
    const { body } = await send(one, direct, {
      statement: `select g, repeat('x', 1000) as t from generate_series(1, 100000) g /* ${mark} */`,
      result: "rows",
      stream: true,
      session: { readOnly: true },
    });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    const terminate = "select count(pg_terminate_backend(pid))::int from pg_stat_activity " +
      "where query like '%' || $1 || $2 || '%' and pid <> pg_backend_pid()";
    const parameters = [mark.slice(0, 3), mark.slice(3)];
    expect(await ask(ours, direct, value(terminate, { parameters }))).toBe(1);
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    expect(["database.connection_lost", "database.unavailable"]).toContain(
      (await failure(rest)).code,
    );
  },
);

check("a stream that is left as its connection is lost ends nothing else", async () => {
  const one = client({ retry: false });
  // The runtime hears of it some turns later; each of them is tried.
  for (let turns = 0; turns < 12; turns++) {
    const { body } = await send(one, url, {
      statement: "select g, repeat('x', 1000) as t from generate_series(1, 100000) g",
      result: "rows",
      stream: true,
      session: { readOnly: true },
    });
    const reader = (body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    proxy.cut();
    for (let turn = 0; turn < turns; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    await reader.cancel();
  }
  expect(await ask(one, url, value("select 1"))).toBe(1);
});

check("a reader that stands still stops the server", async () => {
  const one = client();
  const { body } = await send(one, url, {
    statement: "select g, repeat('x', 1000) as t from generate_series(1, 100000) g",
    result: "rows",
    stream: true,
    session: { readOnly: true },
  });
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  const before = proxy.received;
  await ask(one, url, value("select 1"));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(proxy.received - before).toBeLessThan(10_000);
  await reader.cancel();
});

check("a deadline in the queue for a connection: nothing was sent", async () => {
  const mark = ownName("queue");
  const one = client({ databases: { poolSize: 1 } });
  const stop = new AbortController();
  const long = failure(
    ask(one, url, value(`select pg_sleep(60) /* ${mark} */`), { signal: stop.signal }),
  );
  await running(mark, 1);
  const error = await failure(ask(one, url, value("select 1"), { timeoutMs: 50 }));
  expect([error.code, error.sent]).toEqual(["deadline.exceeded", "no"]);
  expect(error.message).toContain("in the queue for a connection to postgres://127.0.0.1:");
  stop.abort();
  await long;
  expect(await ask(one, url, value("select 1"))).toBe(1);
});

check("what is given up ends on the server: by its caller, or by its deadline", async () => {
  const asleep = (mark: string) => ({
    statement: `select pg_sleep(60) /* ${mark} */`,
    session: { readOnly: true },
  });
  await tryGivingUp(client({ databases: { poolSize: 1 } }), url, asleep, running);
});

check("eight callers share the connections of a pool", async () => {
  const own = await DatabaseProxy.start(POSTGRES_PORT);
  const shared = `${postgresUrl(own.port)}?sslmode=disable`;
  const one = client();
  const calls = Array.from({ length: 80 }, (_, at) => ask(one, shared, value(`select ${at}`)));
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 80 }, (_, at) => at));
  expect(own.connections).toBe(4);
  // Another tenant, and other credentials, have their own.
  await ask(one, shared, value("select 1"), { tenantId: "other" });
  await ask(one, shared.replace("root@", "root:secret@"), value("select 1"));
  expect(own.connections).toBe(6);
  await own.stop();
});

check("none of 200 writes passes a session that only reads", async () => {
  const table = ownName("t");
  const affected = (statement: string, rest: object = {}) =>
    ask(ours, direct, { statement, result: "affected", ...rest });
  await affected(`create table ${table} (n int)`);
  const write = (at: number) =>
    affected(`insert into ${table} values ($1)`, {
      parameters: [at],
      session: { readOnly: true, set: { "app.n": String(at) } },
    });
  const done = await Promise.allSettled(Array.from({ length: 200 }, (_, at) => write(at)));
  expect(done.filter(({ status }) => status === "fulfilled").length).toBe(0);
  expect(await ask(ours, direct, value(`select count(*)::int from ${table}`))).toBe(0);
  await affected(`drop table ${table}`);
});

check("a victim of another transaction is repeated if its session declares one", async () => {
  const name = ownName("victim");
  const affected = (statement: string) => ask(ours, direct, { statement, result: "affected" });
  await affected(`create sequence ${name}`);
  await affected(
    `create function ${name}() returns int language plpgsql as $$ declare n int := nextval('${name}'); begin ` +
      "if n % 3 > 0 then raise exception 'again' using errcode = '40001'; end if; return n; end $$",
  );
  const call = value(`select ${name}()`);
  const undeclared = await failure(ask(ours, direct, call));
  expect([undeclared.code, undeclared.sent, undeclared.attempts]).toEqual([
    "database.serialization",
    "maybe",
    1,
  ]);
  const reply = await send(ours, direct, { ...call, session: { isolation: "serializable" } });
  expect(reply.attempts).toBe(2);
  await affected(`drop function ${name}`);
  await affected(`drop sequence ${name}`);
});

check("rows may be large, up to what a whole answer may be", async () => {
  const one = client({}, { maxResponseBytes: 100 * 1024 * 1024 });
  const large = value("select repeat('x', $1)", { parameters: [5_000_000] });
  expect((await ask(one, direct, large) as string).length).toBe(5_000_000);
  const tooLarge = value("select repeat('x', $1)", { parameters: [70_000_000] });
  expect((await failure(ask(one, direct, tooLarge))).code).toBe("database.too_large");
});

check("no error has the password, or the values of the statement", async () => {
  const one = client({ retry: false });
  const secret = "hunter2-hunter2";
  const wrong = direct.replace("root@", `root:${secret}@`).replace("/test", "/none");
  const absent = await failure(ask(one, wrong, value("select 1")));
  expect([absent.code, absent.sent]).toEqual(["database.not_found", "no"]);
  const denied = await failure(
    ask(client(), direct, value("select $1::int / 0", { parameters: ["4711"] })),
  );
  for (const error of [absent, denied]) {
    const shown = `${JSON.stringify(error)} ${error.stack} ${String(error.cause)}`;
    expect(shown).not.toContain(secret);
    expect(shown).not.toContain("4711");
    expect(shown).not.toContain("$1");
  }
});

check("a breaker hears of servers that fail, and not of statements that do", async () => {
  const one = client({ retry: false, breaker: { consecutiveFailures: 3, streakMs: 1 } });
  for (let at = 0; at < 10; at++) {
    const wrong = await failure(ask(one, direct, value("select 1 / $1", { parameters: [0] })));
    expect(wrong.code).toBe("database.value");
  }
  const dead = await DatabaseProxy.start(1);
  const codes = new Set<string>();
  while (!codes.has("breaker.open")) {
    const target = `${postgresUrl(dead.port)}?sslmode=disable`;
    codes.add((await failure(ask(one, target, value("select 1")))).code);
  }
  expect([...codes]).toEqual(["database.connection_lost", "breaker.open"]);
  await dead.stop();
});

check("the egress policy holds for databases, by the address", async () => {
  const closed = client({ egress: {} });
  const named = direct.replace("127.0.0.1", "localhost");
  for (const target of [direct, named, "redis://127.0.0.1:6379", "postgres://[::1]/test"]) {
    const body = target.startsWith("redis") ? { command: ["PING"] } : value("select 1");
    expect((await failure(ask(closed, target, body))).code).toBe("egress.denied");
  }
});
