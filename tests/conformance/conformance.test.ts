/** One table of behaviours, run through every address. A new transport or host is right when this passes. */
import { afterAll, beforeAll, describe, test } from "bun:test";
import { type Behaviour, type Context, startContext } from "./context.ts";
import { exchanges } from "./exchanges.ts";
import { failures } from "./failures.ts";
import { titled } from "../support/runtimes.ts";
import { HOSTS, missing } from "./hosts.ts";
import { retries } from "./retries.ts";
import { secrets } from "./secrets.ts";
import { streams } from "./streams.ts";

const TABLE: readonly Behaviour[] = [
  ...exchanges,
  ...streams,
  ...failures,
  ...secrets,
  ...retries,
];

for (const name of HOSTS) {
  describe(`${name}:`, () => {
    let context: Context & { stop(): Promise<void> };
    const lacks = missing(name);
    beforeAll(async () => {
      if (lacks === undefined) context = await startContext(name);
    });
    afterAll(async () => {
      if (lacks === undefined) await context.stop();
    });

    for (const { name: tenantId, run } of TABLE) {
      // Many make the upstream fail: each has its own tenant, with its own breakers and budgets.
      test.skipIf(lacks !== undefined)(titled(tenantId, lacks), async () => {
        const client = context.host.client({ tenantId });
        await client.connect();
        await run({ ...context, client });
      });
    }
  });
}
