/** The daemon as operators and clients see it: a process, real sockets, real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { ErrorClass } from "../../../src/core/errors.ts";
import { formatSocketAddress } from "../../../src/core/platform.ts";
import { cancel } from "../../../src/wire/mod.ts";
import { readPrometheus } from "../../support/servers/prometheus.ts";
import { runtime } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { pattern } from "../../support/upstream_routes.ts";
import { vastarHere } from "../../unit/cli/support.ts";
import { baseBody, baseRequest, frame, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, spawnDaemon, startDaemonProcess } from "../support/daemon_process.ts";

let upstream: UpstreamServer;
let folder = "";
beforeAll(async () => {
  upstream = await startUpstream();
  folder = mkdtempSync(join(tmpdir(), "ve-"));
});
afterAll(async () => {
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing was started, so no process need be. */
test("refuses what it must not start with, and says what would be right", async () => {
  const link = join(folder, "link.sock");
  symlinkSync("/etc/passwd", link);
  const cases: [args: string[], code: number, message: string][] = [
    [["--listen", `unix:${link}`], 1, "symbolic link"],
    [["--listen", "tcp://0.0.0.0:0"], 1, "VASTAR_TOKEN"],
    [["--lisen", "x"], 2, 'Did you mean "--listen"'],
    [["--listen", "/tmp/x.sock"], 1, "write unix:/tmp/x.sock"],
    [["--config", join(folder, "missing.yaml")], 1, "cannot be read"],
  ];
  for (const [args, code, message] of cases) {
    const ended = await vastarHere(["runtime", ...args]);
    expect([message, ended.code, ended.stderr]).toEqual([
      message,
      code,
      expect.stringContaining(message),
    ]);
  }
});

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(`the daemon on ${name}: ${missing}`, () => {});
    continue;
  }
  describe(`the daemon on ${name}`, () => {
    const socket = () => join(folder, `${name}.sock`);
    const config = () => join(folder, `${name}.yaml`);
    const running: DaemonProcess[] = [];
    const clients: WireClient[] = [];

    async function start(...args: string[]): Promise<DaemonProcess> {
      const allow = ["--allow", `127.0.0.1:${upstream.port}`];
      const daemon = await startDaemonProcess(name, [
        "--listen",
        `unix:${socket()}`,
        ...args.includes("--allow") ? [] : allow,
        ...args,
      ]);
      running.push(daemon);
      return daemon;
    }
    function dial(daemon: DaemonProcess, index = 0): WireClient {
      const client = new WireClient(daemon.addresses[index]!);
      client.prompt = true;
      clients.push(client);
      return client;
    }
    afterAll(async () => {
      for (const client of clients) client.close();
      for (const daemon of running) await daemon.kill();
    });

    let daemon: DaemonProcess;
    beforeAll(async () => {
      daemon = await start("--listen", "tcp://127.0.0.1:0", "--admin", "tcp://127.0.0.1:0");
    }, 30_000);

    test("says where it is ready, nothing else, and its socket is private", () => {
      expect(daemon.stdout()).toMatch(
        /^vastar runtime ready on unix:\S+ tcp:\/\/127\.0\.0\.1:\d+ admin http:\/\/127\.0\.0\.1:\d+\n$/,
      );
      expect(daemon.stderr()).toBe("");
      expect(lstatSync(socket()).mode & 0o777).toBe(0o600);
    });

    for (const [index, kind] of ["unix", "tcp"].entries()) {
      test(`over ${kind}: base and session calls with every byte, streams, health`, async () => {
        const base = dial(daemon, index);
        base.bytes(baseRequest(1, { url: `${upstream.url}/json` }), frame(2));
        expect(baseBody((await base.next("response")).message).status_code).toBe(200);
        expect((await base.next("health")).message.healthy).toBe(true);
        const session = dial(daemon, index);
        await session.hello();
        session.start(1, { url: `${upstream.url}/bytes?n=256` });
        expect((await session.next("head", 1)).message.body).toEqual(pattern(256));
        session.start(2, { url: `${upstream.url}/cookies` });
        const cookies = (await session.next("head", 2)).message.headers
          .filter(([key]) => key.toLowerCase() === "set-cookie");
        expect(cookies.length).toBeGreaterThan(1);
        // Larger than an answer that may come whole.
        session.start(3, { url: `${upstream.url}/chunks?n=5&size=50000` });
        await session.next("head", 3);
        expect((await session.body(3)).length).toBe(250_000);
      });
    }

    test("a slow call does not delay a fast one; deadline and policy are kept", async () => {
      const client = dial(daemon);
      client.bytes(
        baseRequest(1, { url: `${upstream.url}/hang`, timeout_ms: 300 }),
        baseRequest(2, { url: `${upstream.url}/json` }),
        baseRequest(3, { url: "http://169.254.169.254/latest" }),
        baseRequest(4, { url: "http://127.0.0.1:9/" }),
        baseRequest(5, { url: `${upstream.url}/json`, method: "BREW" }),
        baseRequest(6, { url: "http://[" }),
      );
      const classes = new Map<bigint, number>();
      const order: bigint[] = [];
      for (let i = 0; i < 6; i++) {
        const { message } = await client.next("response");
        classes.set(message.requestId, message.errorClass);
        order.push(message.requestId);
      }
      expect(order.at(-1)).toBe(1n);
      expect(Object.fromEntries([...classes].map(([id, value]) => [String(id), value]))).toEqual({
        1: ErrorClass.Timeout,
        2: ErrorClass.Success,
        3: ErrorClass.Permanent,
        4: ErrorClass.Permanent,
        5: ErrorClass.InvalidRequest,
        6: ErrorClass.InvalidRequest,
      });
    });

    test("Cancel and a disconnect close the upstream's sockets", async () => {
      const client = dial(daemon);
      await client.hello();
      await until(() => upstream.open <= 8, "sockets at rest");
      const hanging = upstream.requests.filter(({ path }) => path === "/hang").length;
      for (const id of [1, 2]) client.start(id, { url: `${upstream.url}/hang` });
      await until(
        () => upstream.requests.filter(({ path }) => path === "/hang").length === hanging + 2,
        "both calls upstream",
      );
      const before = upstream.open;
      client.send(cancel, { callId: 1 });
      await until(() => upstream.open === before - 1, "the cancelled call's socket to close");
      client.close();
      await until(() => upstream.open === before - 2, "the other one's, too");
    });

    test("an unread stream stops its upstream; its connection continues", async () => {
      const endless = await startEndless();
      const port = (endless.server.address() as AddressInfo).port;
      const own = await startDaemonProcess(
        name,
        [
          "--listen",
          "tcp://127.0.0.1:0",
          "--allow",
          "127.0.0.1:*",
        ].map((arg) => arg.replace("127.0.0.1:*", `127.0.0.1:${port}`)),
      );
      running.push(own);
      const client = dial(own);
      await client.hello();
      client.start(1, { url: `http://127.0.0.1:${port}/` });
      await client.next("head", 1);
      let got = 0;
      while (got < 256 * 1024) got += (await client.next("data", 1)).bytes.length;
      // What is sent now fills buffers of the system; it must come to rest.
      let last = -1;
      for (let calm = 0; calm < 5;) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        calm = endless.written() === last ? calm + 1 : 0;
        last = endless.written();
        if (last > 64 * 1024 * 1024) break;
      }
      expect(last).toBeLessThan(32 * 1024 * 1024);
      expect(got).toBe(256 * 1024);
      client.bytes(frame(2));
      await client.next("health");
      endless.close();
      await own.kill();
    }, 30_000);

    test("garbage does not close other connections or end the process", async () => {
      const good = dial(daemon);
      await good.hello();
      for (
        const bytes of [
          pattern(3000),
          new Uint8Array(9).fill(0xff),
          frame(0, pattern(50)),
          new Uint8Array(4),
        ]
      ) {
        const bad = dial(daemon);
        bad.bytes(bytes);
        bad.socket.end();
        await bad.untilClosed();
      }
      good.start(1, { url: `${upstream.url}/json` });
      await good.next("head", 1);
      expect(daemon.stdout().split("\n").length).toBe(2);
    });

    test("its admin tells life, readiness, figures and settings", async () => {
      expect(await (await fetch(`${daemon.admin}/livez`)).text()).toBe("ok\n");
      expect(await (await fetch(`${daemon.admin}/readyz`)).json()).toEqual({ ready: true });
      const metrics = await (await fetch(`${daemon.admin}/metrics`)).text();
      const families = readPrometheus(metrics);
      expect(families.get("http_client_request_duration_seconds")?.samples.length)
        .toBeGreaterThan(0);
      expect(Number(/vastar_calls_total\{error_class="Success"\} (\d+)/.exec(metrics)?.[1]))
        .toBeGreaterThan(3);
      const settings = await (await fetch(`${daemon.admin}/config`)).text();
      expect(settings).toContain(`127.0.0.1:${upstream.port}`);
    });

    test("its admin answers no page: neither a rebound name nor another origin", async () => {
      const { port } = new URL(daemon.admin!);
      expect(await adminStatus(port, { host: `127.0.0.1:${port}` })).toBe(200);
      expect(await adminStatus(port, { host: `evil.example:${port}` })).toBe(403);
      const origin = "https://evil.example";
      expect(await adminStatus(port, { host: `localhost:${port}`, origin })).toBe(403);
    });

    test(
      "its own listeners cannot be called through it, also where loopback is allowed",
      async () => {
        const own = await startDaemonProcess(name, [
          "--listen",
          "tcp://127.0.0.1:0",
          "--allow",
          "127.0.0.0/8",
        ]);
        running.push(own);
        const [address] = own.addresses;
        const client = dial(own);
        const port = address?.kind === "tcp" ? address.port : 0;
        client.bytes(baseRequest(1, { url: `http://127.0.0.1:${port}/` }));
        expect((await client.next("response")).message.errorMessage).toContain("own listener");
        await own.kill();
      },
      30_000,
    );

    test("a second one leaves it alone and says so", async () => {
      const second = spawnDaemon(name, ["--listen", `unix:${socket()}`]);
      expect(await second.exit).toBe(1);
      expect(second.stderr()).toContain("listen.in_use");
      expect(second.stdout()).toBe("");
      await dial(daemon).hello();
    }, 30_000);

    test("SIGTERM lets open calls finish; the socket file goes with it", async () => {
      const client = dial(daemon);
      await client.hello();
      client.start(1, { url: `${upstream.url}/chunks?n=4&ms=150` });
      await client.next("head", 1);
      daemon.signal("SIGTERM");
      await client.next("goAway");
      client.start(2, { url: `${upstream.url}/json` });
      expect((await client.next("end", 2)).message.error?.code).toBe("connection.going_away");
      expect((await client.body(1)).length).toBeGreaterThan(0);
      expect(await daemon.exit).toBe(0);
      expect(existsSync(socket())).toBe(false);
    }, 30_000);

    test("kill -9 cuts its clients at once; the next one takes the stale socket over", async () => {
      const first = await start();
      const client = dial(first);
      await client.hello();
      client.start(1, { url: `${upstream.url}/hang` });
      await upstream.request("/hang");
      await first.kill();
      await client.untilClosed();
      expect(lstatSync(socket()).isSocket()).toBe(true);
      const second = await start();
      const again = dial(second);
      await again.hello();
      again.start(1, { url: `${upstream.url}/json` });
      await again.next("head", 1);
      // A second signal does not wait for what hangs.
      again.start(2, { url: `${upstream.url}/hang` });
      second.signal("SIGINT");
      await again.next("goAway");
      second.signal("SIGINT");
      expect(await second.exit).toBe(0);
    }, 30_000);

    test(
      "SIGHUP forgets no call with an idempotency key: it is made once, however long it takes",
      async () => {
        writeFileSync(config(), "egress: { allow: [] }\n");
        const own = await start(
          ...["--config", config(), "--allow", `127.0.0.1:${upstream.port}`],
        );
        const client = await RuntimeClient.connect(formatSocketAddress(own.addresses[0]!));
        const pay = (key: string) =>
          client.executeHTTP({
            method: "POST",
            url: `${upstream.url}/slow?ms=1000&of=${name}`,
            body: key,
            idempotencyKey: key,
          });
        await pay("before");
        const first = pay("during");
        const made = () => upstream.requests.filter(({ query }) => query.get("of") === name).length;
        await until(() => made() === 2, "the call", 5000);
        own.signal("SIGHUP");
        await until(() => own.stderr().includes("read again"), "the reload", 5000);
        const answers = await Promise.all([pay("before"), pay("during"), first]);
        expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
        expect(made()).toBe(2);
        await client.close();
        await own.kill();
      },
      30_000,
    );

    test("SIGHUP takes a new configuration, and keeps the old one when that is wrong", async () => {
      const port = upstream.port;
      writeFileSync(config(), `egress: { allow: [] }\n`);
      const own = await start(
        ...["--config", config(), "--allow", "127.0.0.1:9", "--admin", "tcp://127.0.0.1:0"],
      );
      const shown = async () =>
        await (await fetch(`${own.admin}/config`)).json() as {
          daemon: object;
          engine: { egress: object };
          needsRestart: object;
        };
      const client = dial(own);
      const status = async () => {
        client.bytes(baseRequest(1, { url: `${upstream.url}/json` }));
        return (await client.next("response")).message.errorClass;
      };
      expect(await status()).toBe(ErrorClass.Permanent);
      writeFileSync(config(), `egress: { allow: ["127.0.0.1:${port}"] }\n`);
      own.signal("SIGHUP");
      await until(() => own.stderr().includes("read again"), "the reload", 5000);
      expect(await status()).toBe(ErrorClass.Success);
      expect((await shown()).needsRestart).toEqual({});
      const rules = `egress: { allow: ["127.0.0.1:${port}"] }\n`;
      writeFileSync(config(), `${rules}limits: { maxOpenCalls: 3 }\n`);
      own.signal("SIGHUP");
      await until(() => own.stderr().includes("restart is needed"), "the second reload", 5000);
      const { daemon, engine, needsRestart } = await shown();
      expect(needsRestart).toEqual({ "daemon.maxOpenCalls": 3 });
      expect(daemon).toMatchObject({ maxOpenCalls: 10_000 });
      expect(engine.egress).toMatchObject({ allow: ["127.0.0.1:9", `127.0.0.1:${port}`] });
      writeFileSync(config(), `egress:\n  alow: []\n`);
      own.signal("SIGHUP");
      await until(() => own.stderr().includes("the old one stays"), "the refusal", 5000);
      expect(own.stderr()).toContain(
        `${name}.yaml:2:3: unknown setting egress.alow. Did you mean "allow"?`,
      );
      expect(await status()).toBe(ErrorClass.Success);
      await own.kill();
    }, 30_000);
  });
}

/** Over node:http: fetch would not send these headers. */
function adminStatus(port: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/config", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

/** Sends forever; `written` counts what the system has taken. */
async function startEndless(): Promise<
  { server: Server; written: () => number; close: () => void }
> {
  let written = 0;
  const piece = pattern(64 * 1024);
  const server = createServer((_, response) => {
    const push = () => {
      while (!response.destroyed) {
        written += piece.length;
        if (!response.write(piece)) {
          response.once("drain", push);
          return;
        }
      }
    };
    push();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    written: () => written,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
