/** A server of NATS, members as processes, and a program whose calls meet whatever breaks between them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { RuntimeClient } from "../../../mod.ts";
import { application, readRecord } from "../../conformance/honesty/application.ts";
import { FaultyApi } from "../../conformance/honesty/faulty_api.ts";
import { judge, type Verdict } from "../../conformance/honesty/judge.ts";
import { ENGINE } from "../../conformance/honesty/scene.ts";
import { DaemonProcess } from "../../conformance/hosts.ts";
import { NatsServer } from "../../support/nats.ts";
import { until } from "../../support/upstream.ts";
import { Cable } from "./cable.ts";
import { duplicate } from "./duplicator.ts";

const POOL = "honest";

export interface PoolScene {
  readonly operations: number;
  readonly seed: number;
  readonly kills: number;
  /** Of one member from the server. */
  readonly cuts: number;
  readonly serverRestarts: number;
  /** Members that are told to stop, and replaced. */
  readonly drains: number;
  /** A member stands still for a moment. */
  readonly pauses: number;
}

export interface PoolVerdict extends Verdict {
  /** Exit codes of members that were told to stop. */
  readonly exits: readonly (number | string)[];
  readonly copies: number;
}

/** Long enough that the client has given up a member that is cut off. */
const CUT_MS = 6_000;
const PAUSE_MS = 500;

export async function play(scene: PoolScene): Promise<PoolVerdict> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "vp-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const api = await FaultyApi.start();
  stack.defer(() => api.close());
  const server = await NatsServer.start();
  stack.defer(() => server.stop());
  const cable = await Cable.start(server.port);
  stack.defer(() => cable.stop());
  const copier = await duplicate(server.at, POOL);
  stack.defer(() => copier.stop());

  const address = `nats://${server.at}/${POOL}`;
  const start = () => DaemonProcess.start(address, ENGINE);
  // The first is behind the cable, and stays.
  const members = await Promise.all([
    DaemonProcess.start(`nats://127.0.0.1:${cable.port}/${POOL}`, ENGINE),
    start(),
    start(),
  ]);
  stack.defer(async () => {
    for (const member of members) member.kill();
    await Promise.all(members.map(({ exited }) => exited));
  });

  const exits: (number | string)[] = [];
  let turn = 0;
  const replaced = async (end: (member: DaemonProcess) => Promise<void>) => {
    const index = 1 + turn++ % 2;
    const leaving = members[index]!;
    // The next is there first, as in a deployment.
    members[index] = await start();
    await end(leaving);
  };
  const happenings: (() => Promise<void>)[] = [
    ...Array.from({ length: scene.kills }, () => () =>
      replaced((member) => {
        member.kill();
        return Promise.resolve();
      })),
    ...Array.from({ length: scene.cuts }, () => async () => {
      cable.cut();
      setTimeout(() => cable.mend(), CUT_MS);
    }),
    ...Array.from({ length: scene.pauses }, () => async () => {
      const member = members[1]!;
      process.kill(member.pid, "SIGSTOP");
      setTimeout(() => {
        if (member.exitCode === "running") process.kill(member.pid, "SIGCONT");
      }, PAUSE_MS);
    }),
    ...Array.from({ length: scene.serverRestarts }, () => async () => {
      await server.down();
      await server.up();
    }),
    ...Array.from({ length: scene.drains }, () => () =>
      replaced((member) => {
        process.kill(member.pid, "SIGTERM");
        void member.exited.then(() => exits.push(member.exitCode));
        return Promise.resolve();
      })),
  ];
  const distance = scene.operations / (happenings.length + 1);
  // One after the other: no member is started while there is no server.
  let before = Promise.resolve();
  const inTurn = (happen: () => Promise<void>) => before = before.then(happen);
  const happened = Promise.all(
    happenings.map((happen, index) =>
      api.during(Math.floor(distance * (index + 1)), () => inTurn(happen))
    ),
  );

  // Awaited below; a failure before that is not an unhandled one.
  happened.catch(() => {});
  const record = join(folder, "record.jsonl");
  const client = new RuntimeClient({ address });
  stack.defer(() => client.close());
  await application(client, {
    api: `http://127.0.0.1:${api.port}`,
    closed: "http://127.0.0.1:1",
    record,
    from: 0,
    to: scene.operations,
    seed: scene.seed,
  });
  await happened;
  await until(() => exits.length === scene.drains, "the members that were told to stop");
  return { ...judge(readRecord(record), api, scene.operations), exits, copies: copier.copies };
}
