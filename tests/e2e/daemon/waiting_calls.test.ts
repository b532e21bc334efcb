/** A call waiting inside the engine keeps its process alive, even without an open socket. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { type ServedSimulator, serveSimulator } from "../worker/worker_support.ts";

const repository = join(import.meta.dirname, "../../..");

describe("a program whose call waits inside the engine", () => {
  let api: ServedSimulator;
  beforeAll(async () => {
    api = await serveSimulator({});
  });
  afterAll(() => api.server.stop(0));

  for (const name of OWN_SHARE) {
    const { missing, path, script } = runtime(name);
    test.skipIf(missing !== undefined)(titled(`ends after it on ${name}`, missing), async () => {
      const args = script("tests/e2e/support/waiting_main.ts", `${api.server.url}/v1/models`);
      const { ok, output } = await run(path, args, { cwd: repository });
      expect({ ok, output: output.trim().split("\n") }).toEqual({
        ok: true,
        output: ["200 1", "200 2"],
      });
    }, 60_000);
  }
});
