/** Many concurrent clients that request but do not read, against the one budget of a real daemon. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, type UpstreamServer } from "../../support/upstream.ts";
import { baseRequest, frame, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const MIB = 1024 * 1024;
const BUDGET = 48 * MIB;
/**
 * What a runtime takes besides twice the budget: without a client, and while it works. A base client's body is written several
 * times on its way, and Bun collects what is left of that late. Without the budget it was 420 to 1,300 MiB, and rising.
 */
const ALLOWANCE = 300 * MIB;
const BASE_ALLOWANCE = 450 * MIB;
const CLIENTS = 24;

let upstream: UpstreamServer;
let folder = "";
beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "vb-"));
  writeFileSync(join(folder, "runtime.yaml"), `limits: { maxBuffered: ${BUDGET}, maxCalls: 2000 }`);
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

type Hog = (client: WireClient) => Promise<void>;

/** What each hog does; none reads. */
const HOGS: Record<string, Hog> = {
  "sessions with endless streams": async (client) => {
    await client.hello({ callCredit: 64 * MIB, connectionCredit: 64 * MIB });
    client.socket.pause();
    for (let id = 1; id <= 4; id++) client.start(id, { url: `${upstream.url}/flood?mb=64` });
  },
  "sessions with thousands of small answers": async (client) => {
    await client.hello({ callCredit: 64 * MIB, connectionCredit: 64 * MIB });
    client.socket.pause();
    for (let id = 1; id <= 200; id++) client.start(id, { url: `${upstream.url}/text?kb=60` });
  },
  "base clients with large answers": (client) => {
    client.socket.pause();
    for (let id = 1; id <= 16; id++) {
      client.bytes(baseRequest(id, { url: `${upstream.url}/text?kb=1000` }));
    }
    return Promise.resolve();
  },
  "base clients whose upstream takes no body": (client) => {
    client.bytes(...uploads());
    return Promise.resolve();
  },
  "clients in the middle of a frame": (client) => {
    client.bytes(beginning());
    return Promise.resolve();
  },
};

// All clients send the same, so it is made once.
const uploads = once(() =>
  [1, 2, 3, 4].map((id) =>
    baseRequest(id, { method: "POST", url: `${upstream.url}/stall`, body: "x".repeat(4 * MIB) })
  )
);
const beginning = once(() => frame(0, new Uint8Array(9 * MIB)).subarray(0, 8 * MIB));

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

const ON_NODE = new Set([
  "sessions with endless streams",
  "base clients whose upstream takes no body",
]);

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`the daemon on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`the daemon on ${name}`, () => {
    for (const [index, [what, hog]] of Object.entries(HOGS).entries()) {
      // What is buffered is counted by the same code everywhere; how sockets hold back is each runtime's own.
      if (name === "node" && !ON_NODE.has(what)) continue;
      test(
        `${CLIENTS} ${what}: memory stays within the budget, and a newcomer is served`,
        async () => {
          const daemon = await startDaemonProcess(name, [
            ...["--listen", `unix:${join(folder, `${name}${index}.sock`)}`],
            ...["--admin", "tcp://127.0.0.1:0", "--config", join(folder, "runtime.yaml")],
            ...["--allow", `127.0.0.1:${upstream.port}`],
          ]);
          const limit = 2 * BUDGET + (what.startsWith("base clients") ? BASE_ALLOWANCE : ALLOWANCE);
          const hogs: WireClient[] = [];
          try {
            let most = 0;
            for (let i = 0; i < CLIENTS; i++) {
              const client = new WireClient(daemon.addresses[0]!);
              hogs.push(client);
              await hog(client);
              most = Math.max(most, (await figures(daemon)).resident);
            }
            // At rest: nothing more comes in.
            for (let calm = 0, last = -1; calm < 5;) {
              await new Promise((resolve) => setTimeout(resolve, 50));
              const { buffered, resident } = await figures(daemon);
              expect(buffered).toBeLessThanOrEqual(BUDGET);
              most = Math.max(most, resident);
              calm = buffered === last ? calm + 1 : 0;
              last = buffered;
            }
            expect(most).toBeLessThan(limit);
            const newcomer = new WireClient(daemon.addresses[0]!);
            hogs.push(newcomer);
            newcomer.prompt = true;
            await newcomer.hello();
            for (let id = 1; id <= 5; id++) {
              newcomer.start(id, { url: `${upstream.url}/text?kb=300` });
              await newcomer.next("head", id);
              expect((await newcomer.body(id)).length).toBe(300 * 1024);
            }
            expect((await figures(daemon)).resident).toBeLessThan(limit);
          } finally {
            for (const client of hogs) client.close();
            await daemon.kill();
          }
        },
        60_000,
      );
    }
  });
}

async function figures(daemon: DaemonProcess): Promise<{ buffered: number; resident: number }> {
  const text = await (await fetch(`${daemon.admin}/metrics`)).text();
  const figure = (metric: string) =>
    Number(new RegExp(`^${metric} (\\d+)$`, "m").exec(text)?.[1] ?? NaN);
  return {
    buffered: figure("vastar_buffered_bytes"),
    resident: figure("process_memory_usage_bytes"),
  };
}
