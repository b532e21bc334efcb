/** What is known of Redis commands, against what a Redis says of them. */
import { describe, expect, test } from "bun:test";
import { COMMAND_NAMES, factsOf, isOfConnection } from "../../../codegen/read/database/commands.ts";
import { RuntimeClient } from "../../../mod.ts";
import { ask } from "../../conformance/databases/ask.ts";
import { REDIS_PORT, serverOn } from "../../support/databases.ts";
import { titled } from "../../support/runtimes.ts";

const { missing } = await serverOn(REDIS_PORT, "Redis");

describe.skipIf(missing !== undefined)(titled("commands of Redis", missing), () => {
  test("read where it says so, which a read-only session relies on", async () => {
    const target = `127.0.0.1:${REDIS_PORT}`;
    const client = new RuntimeClient({ address: "embedded:", egress: { allow: [target] } });
    const command = ["COMMAND", "INFO", ...COMMAND_NAMES];
    const told = await ask(client, `redis://${target}`, { command }) as (unknown[] | null)[];
    await client.close();
    const different = COMMAND_NAMES.filter((name, index) => {
      const flags = told[index]?.[2] as readonly string[] | undefined;
      // A server that does not know one says nothing.
      return flags !== undefined && flags.includes("readonly") !== factsOf(name)?.reads;
    });
    expect(different).toEqual([]);
    expect(told.filter((one) => one !== null).length).toBeGreaterThan(COMMAND_NAMES.length / 2);
  });

  test("of the connection are none of those that calls can use", () => {
    expect(COMMAND_NAMES.filter(isOfConnection)).toEqual([]);
  });
});
