/**
 * A program of `bench database`: `ADDRESS URL TABLE`. For each line `WHAT COUNT` on its standard input it calls the database
 * through the daemon (or with the driver alone) and prints what came of it as JSON.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { StatementBody } from "../../src/core/database/body.ts";
import type { CallReply } from "../../src/core/call.ts";
import { RuntimeClient } from "../../src/client/mod.ts";
import { type Latency, oneAtATime } from "../lib/measure.ts";
import { type Alone, driverOf, PARAMETERS } from "./drivers.ts";

const [address = "", url = "", table = ""] = process.argv.slice(2);
const client = new RuntimeClient({ address, timeoutMs: 600_000 });
const driver = driverOf(url);
const { session } = driver;

function send(body: StatementBody): Promise<CallReply> {
  return client.call({
    connector: "bench",
    operation: "ask",
    method: "POST",
    url,
    headers: [],
    body: new TextEncoder().encode(JSON.stringify(body)),
  });
}

const question: StatementBody = {
  statement: driver.question,
  parameters: PARAMETERS,
  result: "row",
};

async function rows(count: number): Promise<object> {
  let most = 0;
  let lines = 0;
  const before = process.memoryUsage.rss();
  const { body } = await send({
    statement: driver.rows,
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
  const statement = driver.insert(table);
  const write = (at: number) => send({ statement, parameters: [at], result: "affected", session });
  const done = await Promise.allSettled(Array.from({ length: count }, (_, at) => write(at)));
  return { passed: done.filter(({ status }) => status === "fulfilled").length };
}

async function alone(ask: (connection: Alone) => Promise<void>, count: number): Promise<Latency> {
  const connection = await driver.open(url);
  try {
    // Connected, and the statement prepared.
    await ask(connection);
    return await oneAtATime(() => ask(connection), count);
  } finally {
    await connection.close();
  }
}

const TASKS: Readonly<Record<string, (count: number) => Promise<object>>> = {
  driver: (count) => alone((connection) => connection.ask(), count),
  "driver-session": (count) => alone((connection) => connection.askInSession(), count),
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
