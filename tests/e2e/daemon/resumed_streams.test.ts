/** Streams whose worker is killed, again and again, while a daemon keeps them and reads its configuration again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDaemon, createEngine, type Daemon, type Engine } from "../../../src/runtime.ts";
import { listen } from "../../../src/platform/listen.ts";
import { platform } from "#platform";
import { OWN_RUNTIME } from "../../support/process.ts";
import { type GatedApi, gatedApi, resumingClient } from "../support/resuming.ts";
import { CHAT, type RunningWorker, startWorker, until } from "../worker/worker_support.ts";

const STREAMS = 12;
const EVENTS = 60;
const KILLS = 2;

describe("streams through a daemon", () => {
  let folder: string;
  let api: GatedApi;
  let engine: Engine;
  let daemon: Daemon;
  let worker: RunningWorker;

  const start = async () => {
    const env = { OPENAI_API_KEY: "sk-test", OPENAI_BASE_URL: `${api.server.url}/v1` };
    worker = await startWorker(OWN_RUNTIME, ["--runtime", `unix:${folder}/s`], env);
  };

  const open = () =>
    createEngine({ egress: { allow: [new URL(api.server.url).host] } }, { platform });

  /** As `vastar runtime reload` does. */
  const reload = () => {
    const before = engine;
    engine = open();
    void daemon.useEngine(engine).then(() => before.close());
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vr-"));
    api = await gatedApi(EVENTS);
    engine = open();
    daemon = createDaemon({ listen: [{ kind: "unix", path: join(folder, "s") }] }, {
      engine,
      listen,
    });
    await daemon.start();
    await start();
  });
  afterAll(async () => {
    worker?.program.signal("SIGKILL");
    await daemon?.stop();
    await engine?.close();
    await api?.server.stop(0);
    await rm(folder, { recursive: true });
  });

  test("lose and double nothing", async () => {
    const clients = Array.from(
      { length: STREAMS },
      (_, at) => resumingClient(CHAT, `u${at}`, () => worker.url),
    );
    for (let kill = 1; kill <= KILLS; kill++) {
      const reach = kill * 15;
      api.allow(reach);
      await until(() => clients.every(({ got }) => got.length >= reach));
      worker.program.signal("SIGKILL");
      await worker.program.exited;
      // Meanwhile the API goes on.
      api.allow(reach + 8);
      reload();
      await start();
    }
    api.allow(EVENTS);
    await Promise.all(clients.map(({ finished }) => finished));
    for (const [at, { got, returns }] of clients.entries()) {
      expect(got).toEqual(Array.from({ length: EVENTS }, (_, n) => `u${at}:${n}`));
      expect(returns).toBe(KILLS);
    }
    expect([api.asked(), api.left()]).toEqual([STREAMS, 0]);
  });
});
