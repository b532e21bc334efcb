/** Processes with a low limit of open files, making real calls: with none left, and once some are free again. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ErrorClass } from "../../../src/core/errors.ts";
import { cancel } from "../../../src/wire/mod.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { startUpstream, until, type UpstreamServer } from "../../support/upstream.ts";
import { baseRequest, frame, WireClient } from "../../unit/daemon/support/wire_client.ts";
import { type DaemonProcess, startDaemonProcess } from "../support/daemon_process.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DESCRIPTORS = 64;

let upstream: UpstreamServer;
let other: UpstreamServer;
beforeAll(async () => {
  upstream = await startUpstream();
  other = await startUpstream();
});
afterAll(async () => {
  await upstream.close();
  await other.close();
});

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined || process.platform !== "linux") {
    test.skip(`descriptors on ${name}: ${missing ?? "only Linux tells their limit"}`, () => {});
    continue;
  }
  describe(`a daemon on ${name} with ${DESCRIPTORS} descriptors`, () => {
    const running: DaemonProcess[] = [];
    const clients: WireClient[] = [];
    afterAll(async () => {
      for (const client of clients) client.close();
      for (const daemon of running) await daemon.kill();
    });
    async function start(): Promise<DaemonProcess> {
      const args = ["--listen", "tcp://127.0.0.1:0", "--allow", `127.0.0.1:${upstream.port}`];
      const daemon = await startDaemonProcess(name, args, {}, { descriptors: DESCRIPTORS });
      running.push(daemon);
      return daemon;
    }
    function dial(daemon: DaemonProcess): WireClient {
      const client = new WireClient(daemon.addresses[0]!);
      clients.push(client);
      return client;
    }
    async function call(client: WireClient, url: string): Promise<[ErrorClass, string]> {
      client.bytes(baseRequest(1, { url }));
      const { message } = await client.next("response");
      return [message.errorClass as ErrorClass, message.errorMessage];
    }
    const ok: [ErrorClass, string] = [ErrorClass.Success, ""];

    for (const warm of [true, false]) {
      test(
        `${warm ? "warm" : "cold"}: a crowd is turned away and takes no call's descriptor`,
        async () => {
          const daemon = await start();
          const early = dial(daemon);
          if (warm) expect(await call(early, `${upstream.url}/json`)).toEqual(ok);
          const crowd = Array.from({ length: 120 }, () => dial(daemon));
          for (const client of crowd) client.bytes(frame(2));
          // Each is served or disconnected: none is left waiting.
          await until(
            () => crowd.every(({ received, closed }) => closed || received.length > 0),
            "an end for each connection",
            20_000,
          );
          const turnedAway = crowd.filter(({ closed }) => closed).length;
          expect(turnedAway).toBeGreaterThan(60);
          expect(turnedAway).toBeLessThan(120);
          expect(daemon.stderr()).toContain("the limit of open files (ulimit -n, LimitNOFILE)");

          // Real calls, a name that DNS must be asked for, and a refusal that is logged.
          expect(await call(early, `${upstream.url}/json`)).toEqual(ok);
          expect((await call(early, "http://none.invalid/"))[1]).toMatch(/none\.invalid/);
          const denied = await call(early, "http://10.0.0.1/");
          expect(denied[0]).toBe(ErrorClass.Permanent);
          await until(() => daemon.stderr().includes("10.0.0.1:80 is private"), "the record");
          expect(await idleTicks(daemon.child.pid ?? 0)).toBeLessThan(50);

          for (const client of crowd) client.close();
          await until(() => crowd.every(({ closed }) => closed), "the crowd to leave");
          expect(await call(early, `${upstream.url}/json`)).toEqual(ok);
          // The daemon may learn of it a moment later.
          let again: unknown;
          for (let tries = 0; tries < 200 && again === undefined; tries++) {
            again = await call(dial(daemon), `${upstream.url}/json`).catch(() => undefined);
          }
          expect(again).toEqual(ok);
        },
        60_000,
      );
    }

    test(
      "calls that would need more get a Transient error, and succeed once others are over",
      async () => {
        const daemon = await start();
        const client = dial(daemon);
        client.prompt = true;
        await client.hello();
        const before = upstream.requests.filter(({ path }) => path === "/hang").length;
        for (let id = 1; id <= 100; id++) client.start(id, { url: `${upstream.url}/hang` });
        const { message } = await client.next("end");
        expect(message.error).toMatchObject({
          code: "descriptors.exhausted",
          errorClass: ErrorClass.Transient,
          sent: "no",
        });
        for (let id = 1; id <= 100; id++) client.send(cancel, { callId: id });
        const path = `${upstream.url}/json`;
        client.start(200, { url: path });
        expect((await client.next("head", 200)).message.status).toBe(200);
        const sent = upstream.requests.filter(({ path }) => path === "/hang").length - before;
        expect(sent).toBeLessThan(DESCRIPTORS);
        expect(daemon.child.exitCode).toBe(null);
      },
      60_000,
    );
  });

  describe(`the engine inside a process on ${name} without a descriptor`, () => {
    test("warm: the call fails, and the next one succeeds", async () => {
      await expectRecovery(name, "warm");
    }, 60_000);
    const panics = name === "deno"
      ? ": Deno panics when it loads a module without a descriptor"
      : "";
    test.skipIf(panics !== "")(
      `cold, what could not be loaded is loaded by the next call${panics}`,
      async () => {
        await expectRecovery(name, "cold");
      },
      60_000,
    );
  });
}

async function expectRecovery(name: RuntimeName, how: "warm" | "cold"): Promise<void> {
  const { path, script } = runtime(name);
  const warm = how === "warm" ? [`${other.url}/json`] : [];
  const child = spawn("/bin/sh", [
    ...["-c", `ulimit -n ${DESCRIPTORS}; exec "$@"`, "sh", path],
    ...script("tests/e2e/support/exhausted_main.ts", `${upstream.url}/json`, ...warm),
  ], {
    cwd: ROOT,
    env: { ...process.env, VASTAR_ALLOW: `127.0.0.1:${upstream.port},127.0.0.1:${other.port}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => output += String(chunk));
  let errors = "";
  child.stderr.on("data", (chunk) => errors += String(chunk));
  await new Promise((resolve) => child.once("close", resolve));
  const lines = output.trim().split("\n").map((line) => JSON.parse(line) as object);
  const [failed, recovered] = lines.slice(warm.length);
  if (recovered === undefined) throw new Error(`ended early: ${output}${errors}`);
  expect(failed).toMatchObject({
    code: "descriptors.exhausted",
    errorClass: "Transient",
    origin: "local",
    sent: "no",
  });
  expect(recovered).toEqual({ status: 200 });
}

/** Hundredths of a second of CPU in a second in which nothing is asked of it: about 100 for one that spins. */
async function idleTicks(pid: number): Promise<number> {
  const used = () => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const before = used();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return used() - before;
}
