/** PGlite does what a server does. It takes seconds to start, so there is one, in this process. */
import { test } from "bun:test";
import { startHost } from "../hosts.ts";
import { statements } from "./statements.ts";

test("PGlite does what a server does", async () => {
  // PostgreSQL in WebAssembly starts on this processor, which others may be using.
  const host = await startHost("embedded", [], { connectTimeoutMs: 30_000 });
  try {
    const client = host.client();
    for (const { run } of statements) await run({ client, url: "pglite:", folder: "" });
  } finally {
    await host.stop();
  }
}, 60_000);
