/** What hosts pass to `fetch` besides the request. */
import { describe, expect, test } from "bun:test";
import { createWorker, type Worker } from "../../../src/worker/mod.ts";
import { BASE, testConnector } from "./support.ts";

const runtime = { call: () => Promise.reject(new Error("not used")) };

/** Counts how often its client is made. */
function setup(env?: (name: string) => string | undefined) {
  const made: unknown[] = [];
  const connector = testConnector({});
  const worker = createWorker({
    connectors: [{
      ...connector,
      create(options = {}) {
        const client = connector.create(options);
        made.push(options.env?.("NOTES_KEY"));
        return client;
      },
    }],
    runtime,
    ...(env === undefined ? {} : { env }),
  });
  return { worker, made };
}

async function configured(worker: Worker, bindings?: unknown): Promise<unknown> {
  const response = await worker.fetch(new Request(`${BASE}/connectors/notes`), bindings as object);
  return (await response.json() as { configured: unknown }).configured;
}

describe("bindings", () => {
  test("hold the variables that connectors name, and one client serves as long as they stay", async () => {
    const { worker, made } = setup();
    expect(await configured(worker)).toBe(false);
    for (let time = 0; time < 3; time++) {
      // Another object with the same variables, as some hosts hand over, is not an other configuration.
      expect(await configured(worker, { NOTES_KEY: "sk-bound", other: time })).toBe(true);
    }
    expect(await configured(worker, { NOTES_KEY: "sk-new" })).toBe(true);
    expect(made).toEqual(["sk-bound", "sk-new"]);
  });

  test("what other hosts hand over means nothing", async () => {
    const { worker } = setup();
    const inherited = Object.create({ NOTES_KEY: "sk-inherited" }) as object;
    for (const other of [null, "NOTES_KEY", 5, { NOTES_KEY: 5 }, inherited, { remoteAddr: {} }]) {
      expect(await configured(worker, other)).toBe(false);
    }
  });

  test("are not read where env is given", async () => {
    const { worker, made } = setup((name) => name === "NOTES_KEY" ? "sk-env" : undefined);
    expect(await configured(worker, { NOTES_KEY: "sk-bound" })).toBe(true);
    expect(made).toEqual(["sk-env"]);
  });
});
