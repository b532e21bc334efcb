/**
 * A program of `bench database`: `ADDRESS URL`. For each line `WHAT COUNT` on its standard input it calls the database through
 * the daemon (or with the driver alone) and prints what came of it as JSON.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import postgres from "postgres";
import type { CallReply } from "../../src/core/call.ts";
import { RuntimeClient } from "../../src/client/mod.ts";
import { oneAtATime } from "../lib/measure.ts";

const [address = "", url = "", table = ""] = process.argv.slice(2);
const client = new RuntimeClient({ address, timeoutMs: 600_000 });
const sql = postgres(url, {
  max: 1,
  fetch_types: false,
  connection: { application_name: "direct" },
});

const QUESTION =
  "select n, name from (values (1, 'one'), (2, 'two')) as t(n, name) where n = $1::int";
const SETTINGS = "select set_config($1, $2, true), set_config('statement_timeout', $3, true)";

function send(body: object): Promise<CallReply> {
  return client.call({
    connector: "bench",
    operation: "ask",
    method: "POST",
    url,
    headers: [],
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
}

const question = { statement: QUESTION, parameters: [2], result: "row" };
const session = { readOnly: true, set: { "app.tenant": "acme" } };

async function rows(count: number): Promise<object> {
  let most = 0;
  let lines = 0;
  const before = process.memoryUsage.rss();
  const { body } = await send({
    statement: "select g as id, 'customer ' || g as name, g * 1.5 as total, now() as at " +
      "from generate_series(1, $1::int) g",
    parameters: [count],
    result: "rows",
    stream: true,
    session,
  });
  for await (const bytes of body as ReadableStream<Uint8Array>) {
    for (const byte of bytes) if (byte === 10) lines++;
    most = Math.max(most, process.memoryUsage.rss());
  }
  return { lines, addedMb: (most - before) / 1024 / 1024 };
}

async function writes(count: number): Promise<object> {
  const write = (at: number) =>
    send({
      statement: `insert into ${table} values ($1)`,
      parameters: [at],
      result: "affected",
      session,
    });
  const done = await Promise.allSettled(Array.from({ length: count }, (_, at) => write(at)));
  return { passed: done.filter(({ status }) => status === "fulfilled").length };
}

const TASKS: Readonly<Record<string, (count: number) => Promise<object>>> = {
  driver: (count) =>
    oneAtATime(async () => void await sql.unsafe(QUESTION, [2], { prepare: true }), count),
  "driver-session": (count) =>
    oneAtATime(async () => {
      await sql.begin("read only", async (transaction) => {
        await transaction.unsafe(SETTINGS, ["app.tenant", "acme", "60000"], { prepare: true });
        return await transaction.unsafe(QUESTION, [2], { prepare: true });
      });
    }, count),
  daemon: (count) => oneAtATime(async () => void await send(question), count),
  "daemon-session": (count) =>
    oneAtATime(async () => void await send({ ...question, session }), count),
  rows,
  writes,
};

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [what = "", count = ""] = line.split(" ");
  console.log(JSON.stringify(await TASKS[what]?.(Number(count))));
}
