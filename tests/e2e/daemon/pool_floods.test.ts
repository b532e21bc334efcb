/** A stranger who may publish floods a member: its memory is bounded, and calls of others get through once the flood is over. */
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { RuntimeClient } from "../../../mod.ts";
import { Packet, packet, readPacket } from "../../../src/nats/packet.ts";
import { encodeJson } from "../../../src/nats/presence.ts";
import { subjectsOf } from "../../../src/nats/subjects.ts";
import { natsBinaryMissing, NatsServer } from "../../support/nats.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { ownOf } from "../../support/share.ts";
import { titled } from "../../support/runtimes.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const MIB = 1024 * 1024;
/** A member that does nothing takes 60 MiB; with answers without a limit the second flood alone took it to 3,500. */
const MOST_RESIDENT = 500 * MIB;
const POOL = "p";
const NOTHING = new Uint8Array(0);
const SUBJECTS = subjectsOf(POOL);
const skip = natsBinaryMissing !== undefined;

describe("a flood of", () => {
  let server: NatsServer;
  let upstream: UpstreamServer;
  let member: DaemonProcess;
  let client: RuntimeClient;
  let nats: NatsConnection;
  const sessions: { readonly subject: string; readonly stream: number }[] = [];

  beforeAll(async () => {
    if (skip) return;
    server = await NatsServer.start();
    upstream = await startUpstream();
    const address = `nats://${server.at}/${POOL}`;
    const allow = ["--allow", `127.0.0.1:${upstream.port}`];
    member = await startDaemonProcess(OWN_RUNTIME, ["--join", address, ...allow]);
    client = new RuntimeClient({ address });
    nats = await connect({ servers: server.at });
    nats.subscribe(SUBJECTS.client("stranger", "*"), {
      callback: (_, { data, reply = "" }) => {
        const read = readPacket(data);
        if (read?.kind === Packet.Accept) sessions.push({ subject: reply, stream: read.stream });
      },
    });
    await nats.flush();
  });
  afterAll(async () => {
    await client?.close();
    await nats?.close();
    await member?.kill();
    await upstream?.close();
    await server?.stop();
  });

  const resident = (): number => {
    const status = readFileSync(`/proc/${member.child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024;
  };
  const call = async (): Promise<number> => {
    for (let tries = 0;; tries++) {
      try {
        return (await client.executeHTTP({ url: `${upstream.url}/json` })).statusCode;
      } catch (error) {
        if (tries === 20) throw error;
        await new Promise((wake) => setTimeout(wake, 250));
      }
    }
  };
  const reply = (number: number): string => SUBJECTS.client("stranger", String(number));

  type Flood = readonly [
    name: string,
    count: number,
    send: (number: number) => void | Promise<void>,
  ];
  function flood(...[name, count, send]: Flood): void {
    test.skipIf(skip)(titled(name, natsBinaryMissing), async () => {
      let peak = 0;
      for (let number = 0; number < count; number++) {
        await send(number);
        if (number % 500 !== 499) continue;
        await nats.flush();
        peak = Math.max(peak, resident());
      }
      await nats.flush();
      expect(await call()).toBe(200);
      expect(Math.max(peak, resident())).toBeLessThan(MOST_RESIDENT);
    }, 120_000);
  }

  const texts = (seed: number) =>
    Array.from({ length: 200 }, (_, at) => `${seed}-${at}-`.padEnd(200, "x"));
  /** What is remembered of them is bounded by the same code everywhere: half are for the run on Bun, half for that on Deno. */
  const little: readonly Flood[] = [
    ["members that say much", 1_000, (number) => {
      const only = { connectors: texts(number), tenants: texts(-number) };
      nats.publish(SUBJECTS.here, encodeJson({ id: `fat${number}`, only }));
    }],
    ["members, and of questions who is there", 20_000, (number) => {
      if (number < 1_000) {
        nats.publish(SUBJECTS.here, encodeJson({ id: `x${number}`, name: "n".repeat(200) }));
      }
      nats.publish(SUBJECTS.list, NOTHING, { reply: reply(number) });
    }],
    ["openings", 40_000, (number) => {
      nats.publish(SUBJECTS.call, packet(Packet.Open, 0, 0, new Uint8Array(9)), {
        reply: reply(number),
      });
    }],
    ["beats of sessions that do not exist", 40_000, (number) => {
      const beat = packet(Packet.Beat, 1, 1, NOTHING);
      nats.publish(SUBJECTS.member("x", "y"), beat, { reply: reply(number) });
    }],
  ];
  for (const one of ownOf(little)) flood(...one);
  const unfinished = new Uint8Array(256 * 1024);
  new DataView(unfinished.buffer).setUint32(0, 2_000_000_000);
  flood("openings with frames of two gigabytes", 1_000, (number) => {
    const open = packet(Packet.Open, 0, 0, unfinished);
    nats.publish(SUBJECTS.call, open, { reply: reply(number) });
  });
  flood("bytes in a session", 500, async (number) => {
    if (number === 0) {
      sessions.length = 0;
      // The beginning of a frame of 16 KiB.
      const open = packet(Packet.Open, 0, 0, new Uint8Array([0, 64, 0, 0]));
      nats.publish(SUBJECTS.call, open, { reply: reply(number) });
      await until(() => sessions.length > 0, "the session");
    }
    const { subject, stream } = sessions[0]!;
    nats.publish(subject, packet(Packet.Data, stream, number + 1, new Uint8Array(1_000_000)));
  });
});
