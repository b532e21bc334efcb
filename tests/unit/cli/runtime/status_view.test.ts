/** `vastar status` of a runtime with an admin listener: what it shows, and a breaker that opens while somebody watches. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { RuntimeClient } from "../../../../src/client/mod.ts";
import type { RuntimeStatus } from "../../../../cli/runtime/admin.ts";
import { poolText } from "../../../../cli/runtime/background/pool_status.ts";
import type { MemberInfo } from "../../../../src/nats/presence.ts";
import { viewOf } from "../../../../cli/runtime/background/status_view.ts";
import { folder, start, vastar } from "../support.ts";

const NOW: RuntimeStatus = {
  state: "ready",
  uptimeMs: 7_500_000,
  residentBytes: 50 * 1024 * 1024,
  daemon: {
    connections: 4,
    connectionsTotal: 9,
    sessions: 3,
    connectionsRefused: 0,
    callsActive: 2,
    callsTotal: 300,
    callsByClass: [290, 10, 0, 0, 0, 0],
    framesRefused: 0,
    bufferedBytes: 2048,
    maxBufferedBytes: 512 * 1024 * 1024,
    connectionsShed: 0,
    callsOverloaded: 0,
  },
  admission: {
    kept: { streams: 0, bytes: 0 },
    databases: {
      pools: [{
        tenantId: "acme",
        database: "postgres://db.example:5432",
        open: 4,
        inUse: 3,
        waiting: 2,
      }],
      refused: 0,
    },
    rates: [{ limit: "declared", queued: 2, refused: 0 }],
    lookups: { active: 0, queued: 0, refused: 0 },
    bulkhead: { active: 1, queued: 1, refused: 0 },
    breakers: {
      closed: 5,
      others: [{
        tenantId: "acme\x1b[2J",
        origin: "https://a.example",
        state: "open",
        retryAfterMs: 3_200,
      }],
    },
    retryBudgets: [],
    denials: { tenant: 0, egress: 0, reported: 0 },
    tenants: 2,
    quotas: { used: [], refused: 0 },
  },
  hosts: [
    {
      connector: "http",
      host: "a.example",
      calls: 100,
      failed: 10,
      seconds: 5,
      retries: 3,
      hedges: 2,
    },
    {
      connector: "openai",
      host: "b.example",
      calls: 200,
      failed: 0,
      seconds: 20,
      retries: 0,
      hedges: 0,
    },
  ],
  tenants: Array.from({ length: 12 }, (_, n) => ({ tenant: `t${n}`, calls: n, failed: 0 })),
};

describe("the view", () => {
  test("shows calls, clients, memory, breakers, tenants and hosts, the busiest first", () => {
    const lines = viewOf(NOW).split("\n");
    expect(lines).toContain("  state       ready, for 2 h 5 min");
    expect(lines).toContain("  calls       2 active, 3 waiting, 300 so far");
    expect(lines).toContain("  memory      50.0 MiB; 2 KiB of 512.0 MiB buffered");
    expect(lines).toContain("  breakers    1 open, 0 half-open, 5 closed");
    expect(lines.findIndex((line) => line.startsWith("  b.example  openai     200")))
      .toBeLessThan(lines.findIndex((line) => line.startsWith("  a.example  http       100")));
    expect(lines.some((line) => /^ {2}t11 +11 +0$/.test(line))).toBe(true);
    expect(lines.some((line) => /^ {2}a\.example +http +100 +10 +3 +2 +50 ms$/.test(line))).toBe(
      true,
    );
    expect(lines).toContain("  … 2 more");
    expect(lines).toContain("  postgres://db.example:5432  acme    4            3       2");
  });

  test("has rates between two looks, from 0 where another runtime has come", () => {
    const before = {
      ...NOW,
      uptimeMs: NOW.uptimeMs - 2_000,
      daemon: { ...NOW.daemon, callsTotal: 100 },
    };
    expect(viewOf(NOW, before)).toContain("300 so far, 100.0/s");
    expect(viewOf(NOW, { ...before, uptimeMs: NOW.uptimeMs + 1 })).not.toContain("/s");
  });

  test("lets no name that a caller chose move the cursor", () => {
    expect(viewOf(NOW)).toContain("acme?[2J");
    expect(viewOf(NOW)).not.toContain("\x1b");
  });
});

describe("the view of a pool", () => {
  const member = (name: string, more: Partial<MemberInfo> = {}): MemberInfo => ({
    id: `${name}0123456789`,
    name,
    only: { connectors: [], tenants: [] },
    calls: 2,
    room: 98,
    callsTotal: 10,
    callsByClass: [7, 1, 2],
    sessions: 3,
    draining: false,
    startedAt: 1_000,
    ...more,
  });

  test("shows every member, and sums", () => {
    const many = Array.from({ length: 12 }, (_, n) => member(`m${String(n).padStart(2, "0")}`));
    const lines = poolText("nats://h/p", [...many, member("z", { draining: true })], 31_000)
      .split("\n");
    expect(lines[0]).toBe(
      "nats://h/p has 13 members, 1 draining: 26 calls active, 130 so far, 39 failed.",
    );
    expect(lines.filter((line) => / ready {5}30\.0 s +2 +98 +10 +3 +3$/.test(line)).length).toBe(
      12,
    );
    expect(lines.filter((line) => / draining  30\.0 s /.test(line)).length).toBe(1);
  });

  test("lets no member's name move the cursor, and says what one takes", () => {
    const only = { connectors: ["openai"], tenants: ["acme"] };
    const text = poolText("nats://h/p", [member("a\x1b[2J", { only })], 0);
    expect(text).toContain("a?[2J");
    expect(text).toContain("connector=openai tenant=acme\n");
    expect(poolText("nats://h/p", [], 0)).toContain("vastar runtime --join nats://h/p");
  });
});

describe("live", () => {
  let root: Awaited<ReturnType<typeof folder>>;
  let server: Server;
  let status = 503;
  let origin = "";
  beforeAll(async () => {
    root = await folder();
    server = createServer((_, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await vastar(["runtime", "stop", "--wait", "0", "--force"], settings());
    server.closeAllConnections();
    server.close();
    root.remove();
  }, 60_000);
  const settings = () => ({
    cwd: root.path,
    env: { VASTAR_SOCKET_PATH: join(root.path, "r.sock"), VASTAR_STATE_DIR: join(root.path, "s") },
  });

  test("an operator watches a breaker open, and asks once as JSON", async () => {
    const admin = ["--admin", "tcp://127.0.0.1:0"];
    const started = await vastar(["runtime", "start", "--allow", origin, ...admin], settings());
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const watch = start(["status", "--live", "--interval", "0.1"], settings());
    const client = new RuntimeClient({ address: `unix:${join(root.path, "r.sock")}` });
    try {
      await watch.saw(/0 open, 0 half-open, 0 closed/);
      const request = { method: "POST", url: `http://${origin}/x`, tenantId: "acme" };
      for (let n = 0; n < 5; n++) await client.executeHTTP(request);
      await watch.saw(new RegExp(`1 open[\\s\\S]*http://${origin}  acme +open`));
      await watch.saw(/\d\/s/);
      process.kill(watch.child.pid ?? 0, "SIGINT");
      expect((await watch.finished).code).toBe(0);

      const { code, stdout } = await vastar(["status", "--json"], settings());
      expect(code).toBe(0);
      const { admin } = JSON.parse(stdout) as { admin: string };
      expect(admin).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]/);
      expect((await vastar(["status"], settings())).stdout).toContain(admin);
      expect(JSON.parse(stdout).runtime.admission.breakers.others).toMatchObject([
        { tenantId: "acme", origin: `http://${origin}` },
      ]);
      status = 200;
    } finally {
      await client.close();
      watch.child.kill("SIGKILL");
    }
  }, 60_000);

  test("says why an admin listener tells nothing", async () => {
    const { code, stdout } = await vastar(["status", "--admin", `tcp://${origin}`], settings());
    expect(code).toBe(0);
    expect(stdout).toContain(`tcp://${origin} is not the admin listener of a runtime`);
  });
});
