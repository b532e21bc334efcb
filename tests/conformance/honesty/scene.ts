/** Programs that call a failing API, through a daemon or directly, while they and the daemon are killed. */
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineOptions } from "../../../src/engine/engine.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../../support/process.ts";
import type { RuntimeName } from "../../support/runtimes.ts";
import { DaemonProcess } from "../hosts.ts";
import { readRecord, type Work } from "./application.ts";
import { FaultyApi } from "./faulty_api.ts";
import { judge, type Verdict } from "./judge.ts";

/** Retries quickly and is not held back by earlier failures, so that all calls meet their faults. */
export const ENGINE: EngineOptions = {
  egress: { allow: ["127.0.0.0/8"] },
  breaker: false,
  retry: { backoff: { baseMs: 1, maxMs: 5 } },
};

const DONE_MS = 300_000;

export interface Scene {
  readonly operations: number;
  readonly seed: number;
  /** Each program does its part of the operations. */
  readonly programs: readonly RuntimeName[];
  /** False: each program has an engine of its own. */
  readonly daemon: boolean;
  readonly daemonKills: number;
  /** Of each program. */
  readonly programKills: number;
}

export async function play(scene: Scene): Promise<Verdict> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "vc-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const api = await FaultyApi.start();
  stack.defer(() => api.close());
  const closed = await closedPort();
  const address = scene.daemon ? `unix:${join(folder, "d.sock")}` : "embedded:";
  let daemon = scene.daemon ? await DaemonProcess.start(address, ENGINE) : undefined;
  stack.defer(async () => {
    daemon?.kill();
    await daemon?.exited;
  });

  /** This many times, evenly over the least expected number of requests; `offset` is a fraction of the distance. */
  const times = async (count: number, offset: number, kill: () => Promise<void>): Promise<void> => {
    const distance = scene.operations / (count + 1);
    await Promise.all(Array.from(
      { length: count },
      (_, done) => api.during(Math.floor(distance * (done + 1 - offset)), kill),
    ));
  };
  const share = Math.ceil(scene.operations / scene.programs.length);
  const works = scene.programs.map((_, index): Work => ({
    api: `http://127.0.0.1:${api.port}`,
    closed: `http://127.0.0.1:${closed}`,
    record: join(folder, `${index}.jsonl`),
    from: index * share,
    to: Math.min(scene.operations, (index + 1) * share),
    seed: scene.seed,
  }));
  const programs = scene.programs.map((name, index) => {
    const begin = (): Program =>
      startProgram(name, "tests/conformance/honesty/application_main.ts", [
        address,
        JSON.stringify(works[index]),
      ]);
    let running = begin();
    stack.defer(() => running.stop());
    const kills = times(scene.programKills, (index + 1) / (scene.programs.length + 1), async () => {
      await running.stop();
      running = begin();
    });
    return kills.then(() => running.waitFor(/^done$/m, DONE_MS));
  });
  const daemonKills = times(scene.daemonKills, 0, async () => {
    daemon?.kill();
    await daemon?.exited;
    daemon = await DaemonProcess.start(address, ENGINE);
  });
  await Promise.all([...programs, daemonKills]);
  return judge(works.flatMap(({ record }) => readRecord(record)), api, scene.operations);
}

export function quick(seed: number): Scene {
  return {
    operations: 240,
    seed,
    programs: [OWN_RUNTIME],
    daemon: true,
    daemonKills: 1,
    programKills: 1,
  };
}

/** A port that was in use a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
