/** What `vastar record` does not record. */
import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { recordCommand } from "../../../cli/serve/record.ts";
import { runInProcess } from "./in_process.ts";

test("vastar record refuses connectors of databases, whatever server it is given", async () => {
  const commands = { record: () => Promise.resolve(recordCommand) };
  for (const [name, scheme] of [["postgres-demo", "postgres:"], ["redis-demo", "redis:"]]) {
    for (const server of [[], ["--base-url", "http://localhost:1"]]) {
      const argv = ["record", name ?? "", "--out", "never.jsonl", ...server];
      const ran = runInProcess(commands, argv, tmpdir());
      expect([name, server, await ran.code]).toEqual([name, server, 2]);
      expect(ran.stderr()).toContain(
        `What is recorded is HTTP, and ${name} is called at ${scheme}`,
      );
    }
  }
});
