import { expect, test } from "bun:test";
import { setUpWorker } from "../../../cli/serve/worker_setup.ts";
import { failure } from "../engine/support.ts";

test("a rule that opens nothing keeps the worker from starting, not each of its calls", async () => {
  const error = await failure(setUpWorker({
    access: { access: "open", tenants: {}, publicUrl: undefined, parts: [], notices: [] },
    connectors: [],
    address: "embedded:",
    env: () => undefined,
    allow: ["127.0.0.1:4545", "127.0.0.1:"],
    baseUrls: {},
    alwaysSimulate: false,
    corsOrigins: [],
    allowedHosts: undefined,
    onError: () => {},
  }));
  expect(error.code).toBe("config.allow_rule");
  expect(error.message).toContain('allow rule "127.0.0.1:"');
});
