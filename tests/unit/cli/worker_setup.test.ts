import { expect, test } from "bun:test";
import { setUpWorker, type WorkerSettings } from "../../../cli/serve/worker_setup.ts";
import { definition as openai } from "../../../connectors/openai/mod.gen.ts";
import { type Access, apiKeys } from "../../../src/worker/mod.ts";
import { failure } from "../engine/support.ts";

const settings = (access: Access, more: Partial<WorkerSettings> = {}): WorkerSettings => ({
  access: { access, tenants: {}, publicUrl: undefined, parts: [], notices: [] },
  connectors: [openai],
  address: "embedded:",
  env: () => undefined,
  allow: [],
  baseUrls: {},
  alwaysSimulate: false,
  corsOrigins: [],
  allowedHosts: undefined,
  onError: () => {},
  ...more,
});

test("a rule that opens nothing keeps the worker from starting, not each of its calls", async () => {
  const allow = ["127.0.0.1:4545", "127.0.0.1:"];
  const error = await failure(setUpWorker(settings("open", { allow })));
  expect(error.code).toBe("config.allow_rule");
  expect(error.message).toContain('allow rule "127.0.0.1:"');
});

test("the simulator stands in for an API without a key in development, or where it is asked for", async () => {
  const standsIn = async (access: Access, more?: Partial<WorkerSettings>) => {
    const running = await setUpWorker(settings(access, more));
    await running.close();
    return running.standIn !== undefined;
  };
  expect(await standsIn("development")).toBe(true);
  expect(await standsIn("development", { env: () => "sk-live" })).toBe(false);
  // Tenants may have keys of their own, and whoever forgot one must not get answers that are made up.
  expect(await standsIn([apiKeys([])])).toBe(false);
  expect(await standsIn("open")).toBe(false);
  expect(await standsIn([apiKeys([])], { alwaysSimulate: true })).toBe(true);
});
