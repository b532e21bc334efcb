/** Callers that invent whatever can be invented, against a daemon with every stage on: memory is bounded, others are served. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import type { SocketAddress } from "../../../src/core/platform.ts";
import { MessageType } from "../../../src/wire/mod.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { ownOf } from "../../support/share.ts";
import { frame, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const MIB = 1024 * 1024;
const BUDGET = 48 * MIB;
/** As in docs/operations.md: twice the budget, what the process itself takes, and three kinds of answers that are kept. */
const MOST_RESIDENT = 2 * BUDGET + 250 * MIB + 3 * 64 * MIB;
const MOST_METRICS = 500_000;
const AT_ONCE = 64;
const BIG = "x".repeat(60_000);

let api: Server;
let failed = 0;
let host = "";
let folder = "";
let daemon: DaemonProcess;
let address: SocketAddress;
let client: RuntimeClient;

/** Nobody reaches a limit by calling as often as is allowed: what is tried here is what they keep. */
const CONFIG = `
limits: { maxBuffered: ${BUDGET}, maxCalls: 2000 }
egress: { allow: ["127.0.0.0/8"] }
rateLimits:
  - { tenant: "*", calls: 1000000, per: 1s, maxQueued: 64 }
  - { tenant: "*", connector: "*", host: "*", calls: 1000000, per: 1s }
  - { host: "*", calls: 1000000, per: 1s }
quotas: { file: QUOTAS, rules: [{ period: day, calls: 1000000000, bytes: 1000GiB }] }
tenants: { default: { methods: { deny: [TRACE] } }, good: { places: { perTenant: 64 } } }
cache: true
coalesce: true
hedge: { after: 50ms }
keep: { perTenant: 100 }
`;

beforeAll(async () => {
  api = createServer((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? "/", "http://api");
    if (pathname === "/silent") return;
    if (pathname === "/stream") {
      response.writeHead(200).write(BIG);
      return;
    }
    if (pathname === "/fails") failed++;
    response.statusCode = pathname === "/fails" ? 503 : 200;
    if (pathname === "/cached" || pathname === "/little") {
      response.setHeader("cache-control", "max-age=600");
    }
    if (pathname === "/limits") response.setHeader("x-ratelimit-remaining", "1000");
    if (pathname === "/limits") response.setHeader("x-ratelimit-reset", "60");
    response.end(pathname === "/small" || pathname === "/little" ? "small" : BIG);
  });
  await new Promise<void>((done) => api.listen(0, "127.0.0.1", done));
  host = `127.0.0.1:${(api.address() as AddressInfo).port}`;
  folder = mkdtempSync(join(tmpdir(), "va-"));
  const file = join(folder, "runtime.yaml");
  writeFileSync(file, CONFIG.replace("QUOTAS", join(folder, "quotas.sqlite")));
  daemon = await startDaemonProcess(OWN_RUNTIME, [
    ...["--listen", `unix:${join(folder, "d.sock")}`],
    ...["--admin", "tcp://127.0.0.1:0", "--config", file],
  ]);
  address = daemon.addresses[0] as SocketAddress;
  client = new RuntimeClient({ address: `unix:${join(folder, "d.sock")}` });
});
afterAll(async () => {
  await client?.close();
  await daemon?.kill();
  api.closeAllConnections();
  await new Promise((done) => api.close(done));
  rmSync(folder, { recursive: true, force: true });
});

type Request = Parameters<RuntimeClient["executeHTTP"]>[0];

/** So many calls, whatever comes of them. */
async function calls(count: number, one: (number: number) => Request): Promise<void> {
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < count) await client.executeHTTP(one(next++)).catch(() => {});
  };
  await Promise.all(Array.from({ length: AT_ONCE }, caller));
}

/** Clients that stay until the attack is over. */
async function crowd(
  size: number,
  join: (client: WireClient) => Promise<void>,
): Promise<WireClient[]> {
  const all = Array.from({ length: size }, () => new WireClient(address));
  await Promise.all(all.map(join));
  return all;
}

const url = (path: string, at = host): string => `http://${at}${path}`;
type Attack = () => Promise<readonly WireClient[] | void>;
/** What is kept for them is bounded by the same code everywhere: half are for the run on Bun, half for that on Deno. */
const INVENTIONS: Record<string, Attack> = {
  "tenants without end": () =>
    calls(1_500, (i) => ({ url: url("/small"), tenantId: `made-up-${i}` })),
  "connectors and operations without end": () =>
    calls(1_000, (i) => ({ url: url("/small"), connector: `c${i}`, operation: `o${i}` })),
  "hosts that refuse, without end: breakers, budgets and places": () =>
    calls(1_000, (i) => ({ url: url("/", `127.1.${i >> 8}.${i & 255}:9`), retries: 0 })),
  "credentials without end at an API that states limits": () =>
    calls(1_000, (i) => ({ url: url("/limits"), headers: { authorization: `Bearer ${i}` } })),
  "idempotency keys without end, each with 60 KB to keep": () =>
    calls(1_500, (i) => ({ method: "POST", url: url("/big"), body: "x", idempotencyKey: `k${i}` })),
  "addresses without end, each with 60 KB to cache": () =>
    calls(500, (i) => ({ url: url(`/cached?${i}`) })),
  "tenants without end, each with an answer to cache": () =>
    calls(1_500, (i) => ({ url: url("/little"), tenantId: `made-up-too-${i}` })),
  "a storm of calls that are repeated, as far as the budget goes": async () => {
    await calls(3_000, (i) => ({ url: url("/fails"), tenantId: `storm-${i % 10}` }));
    // Each of ten tenants has the budget of its 300 calls, 20 %, and 3 a second for ten seconds.
    expect(failed).toBeLessThanOrEqual(3_000 + 10 * (60 + 30));
  },
  "300 header fields, and fields of 60 KB": () =>
    calls(300, (i) => ({
      url: url("/small"),
      headers: Object.fromEntries(
        Array.from({ length: i % 2 === 0 ? 300 : 5 }, (_, at) => [
          `x-${i}-${at}`,
          i % 2 === 0 ? "v" : BIG,
        ]),
      ),
    })),
};
/** How sockets hold back is each runtime's own. */
const CROWDS: Record<string, Attack> = {
  "tiny frames without end": async () => {
    const health = frame(MessageType.HealthCheck);
    const flood = new Uint8Array(health.length * 20_000);
    for (let at = 0; at < flood.length; at += health.length) flood.set(health, at);
    return await crowd(8, (one) => {
      one.socket.pause();
      one.bytes(flood);
      return Promise.resolve();
    });
  },
  "halves of frames": () =>
    crowd(24, (one) => {
      one.bytes(frame(0, new Uint8Array(8 * MIB)).subarray(0, 4 * MIB));
      return Promise.resolve();
    }),
  "streams that nobody reads": () =>
    crowd(24, async (one) => {
      await one.hello({ callCredit: 64 * MIB, connectionCredit: 64 * MIB });
      one.socket.pause();
      for (let id = 1; id <= 50; id++) one.start(id, { url: url("/big"), tenantId: `deaf-${id}` });
    }),
  "calls that are hedged and never answered": () =>
    crowd(8, async (one) => {
      await one.hello();
      for (let id = 1; id <= 200; id++) {
        one.start(id, { url: url("/silent"), tenantId: `hung-${id % 10}` });
      }
    }),
  "streams kept for callers who never come back": () =>
    crowd(8, async (one) => {
      await one.hello();
      for (let id = 1; id <= 100; id++) {
        one.start(id, {
          url: url("/stream"),
          tenantId: "leaver",
          keep: { id: `${Math.random()}` },
        });
      }
    }),
};

/** Looks until nothing more comes in, and at least so often. */
async function atRest(looks: number): Promise<void> {
  for (let calm = 0, last = -1; calm < looks;) {
    const metrics = await (await fetch(`${daemon.admin}/metrics`)).text();
    const figure = (name: string): number =>
      Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1]);
    const buffered = figure("vastar_buffered_bytes");
    expect(figure("process_memory_usage_bytes")).toBeLessThan(MOST_RESIDENT);
    expect(buffered).toBeLessThanOrEqual(BUDGET);
    expect(metrics.length).toBeLessThan(MOST_METRICS);
    // One that is served meanwhile comes and goes.
    const active = figure("vastar_calls_active");
    calm = looks === 1 || Math.abs(active - last) <= 1 ? calm + 1 : 0;
    last = active;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe("with every stage on", () => {
  const attacks = [...ownOf(Object.entries(INVENTIONS)), ...Object.entries(CROWDS)];
  for (const [what, attack] of attacks) {
    test(what, async () => {
      let over = false;
      let served = 0;
      const good = async (): Promise<void> => {
        while (!over || served < 20) {
          const answer = await client.executeHTTP({
            url: url(`/small?${served}`),
            tenantId: "good",
            retries: 0,
          });
          expect(answer.text()).toBe("small");
          served++;
        }
      };
      const serving = good();
      try {
        const crowd = await attack() ?? [];
        await atRest(crowd.length > 0 ? 5 : 1);
        for (const one of crowd) one.close();
      } finally {
        over = true;
      }
      await serving;
    }, 60_000);
  }
});
