/** PGlite does what a server does. It takes seconds to start, so there is one, in this process. */
import { test } from "bun:test";
import { startHost } from "../hosts.ts";
import { ask } from "./ask.ts";
import { statements } from "./statements.ts";

/** PostgreSQL in WebAssembly starts on this processor, which others may be using. */
const START_MS = 90_000;

test("PGlite does what a server does", async () => {
  const host = await startHost("embedded", [], { connectTimeoutMs: START_MS });
  try {
    const client = host.client();
    const start = { statement: "select 1", result: "value" };
    await ask(client, "pglite:", start, { timeoutMs: START_MS });
    for (const { run } of statements) await run({ client, url: "pglite:", folder: "" });
  } finally {
    await host.stop();
  }
}, 2 * START_MS);
