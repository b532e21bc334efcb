/** A background runtime: real processes, started and ended as by an operator. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as listenTo } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { runtime, type RuntimeName, titled } from "../../../support/runtimes.ts";
import { OWN_SHARE } from "../../../support/share.ts";
import { until } from "../../../support/upstream.ts";
import { folder, spec, start, vastar } from "../support.ts";

let root: Awaited<ReturnType<typeof folder>>;
let server: Server;
let port = 0;
let open: ServerResponse | undefined;
const machines: { run(...args: string[]): Promise<unknown> }[] = [];

beforeAll(async () => {
  root = await folder({ "my-api/connector.yaml": spec("my-api") });
  server = createServer((request, response) => {
    if (request.url?.endsWith("/slow")) open = response;
    else response.setHeader("content-type", "application/json").end('{"name":"right"}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  // A test that failed half-way leaves nothing running.
  for (const { run } of machines) await run("runtime", "stop", "--wait", "0", "--force");
  server.closeAllConnections();
  server.close();
  root.remove();
}, 60_000);

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that ended and that nobody collected yet is not a runtime any more.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Commands for a runtime on a socket of its own: `run` in this process, `start` in one of its own on `on`. */
function machine(name: string, on?: RuntimeName) {
  const socket = join(root.path, `${name}.sock`);
  const env = { VASTAR_SOCKET_PATH: socket, VASTAR_STATE_DIR: join(root.path, `${name}.state`) };
  const made = {
    socket,
    run: (...args: string[]) => vastar(args, { cwd: root.path, env }),
    start: (...args: string[]) => start(args, { cwd: root.path, env, ...on && { on } }),
  };
  machines.push(made);
  return made;
}

function pidOf(text: string): number {
  return Number(/pid (\d+)/.exec(text)?.[1]);
}

for (const name of OWN_SHARE) {
  const { missing } = runtime(name);
  if (missing !== undefined) {
    test.skip(titled(`on ${name}`, missing), () => {});
    continue;
  }
  test(`on ${name}: status, start, call, start again, status, stop, stop again`, async () => {
    // Of these commands only the one that ends while a runtime goes on needs a process.
    const { run, start, socket } = machine(name, name);
    const before = await run("status");
    expect(before.code).toBe(1);
    expect(before.stdout).toContain(`No runtime answers on unix:${socket}`);

    const started = await start("runtime", "start", "--allow", `127.0.0.1:${port}`).finished;
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const pid = pidOf(started.stdout);
    expect(started.stdout).toContain(`unix:${socket}`);
    try {
      const call = ["call", "./my-api", "items.get", "-f", "id=1", "--json"];
      const server = ["--base-url", `http://127.0.0.1:${port}`, "--runtime", `unix:${socket}`];
      expect(await run(...call, ...server)).toMatchObject({
        code: 0,
        stdout: '{"name":"right"}\n',
      });

      const again = await run("runtime", "start", "--allow", `127.0.0.1:${port}`);
      expect(again.code).toBe(0);
      expect(again.stdout).toContain(
        `is already running on unix:${socket} (pid ${pid}), with these options`,
      );

      const status = await run("runtime", "status", "--json");
      expect(status.code).toBe(0);
      expect(JSON.parse(status.stdout)).toMatchObject({
        answers: true,
        healthy: true,
        protocol: "session",
        activeRequests: 0,
        pid,
      });
      const log = await run("runtime", "logs");
      expect(log.stdout).toBe(`vastar runtime ready on unix:${socket}\n`);
    } finally {
      const stopped = await run("runtime", "stop");
      expect(stopped.code).toBe(0);
      expect(stopped.stdout).toContain(`has ended (pid ${pid})`);
    }
    expect(alive(pid)).toBe(false);
    expect(existsSync(socket)).toBe(false);
    expect((await run("runtime", "stop")).stdout).toContain("No runtime is running");
    expect((await run("runtime", "logs", "--lines", "1")).stdout).toMatch(/stopped\n$/);
    // A file that somebody put where the socket was is not the runtime's.
    writeFileSync(socket, "mine");
    expect((await run("runtime", "clean")).stdout).toContain("Removed ");
    expect(existsSync(socket)).toBe(true);
  }, 60_000);
}

describe("start", () => {
  test("takes over the socket of a runtime that was killed, and says so", async () => {
    const { run, socket } = machine("stale");
    const pid = pidOf((await run("runtime", "start")).stdout);
    process.kill(pid, "SIGKILL");
    await until(() => !alive(pid), "the runtime to end", 30_000);
    expect(existsSync(socket)).toBe(true);
    expect((await run("status")).code).toBe(1);
    const { code, stdout } = await run("runtime", "start");
    expect(code).toBe(0);
    expect(stdout).toContain("A stale socket was replaced.");
    const next = pidOf(stdout);
    expect(next).not.toBe(pid);
    const log = /^Log: (.+)$/m.exec(stdout)?.[1] ?? "";
    process.kill(next, "SIGKILL");
    await until(() => !alive(next), "the runtime to end", 30_000);
    const cleaned = await run("runtime", "clean");
    expect(cleaned.code).toBe(0);
    expect(cleaned.stdout).toContain(`Removed ${socket}`);
    expect(cleaned.stdout).toContain(`Removed ${log}`);
    expect([existsSync(socket), existsSync(log)]).toEqual([false, false]);
  });
  test("that fails shows why, and leaves nothing behind", async () => {
    const { run, socket } = machine("failing");
    writeFileSync(socket, "a file of somebody");
    const { code, stderr } = await run("runtime", "start");
    expect(code).toBe(1);
    expect(stderr).toContain("The runtime ended before it answered.");
    expect(stderr).toContain("listen.not_a_socket");
    expect(readFileSync(socket, "utf8")).toBe("a file of somebody");
    expect((await run("runtime", "stop")).stdout).toContain("No runtime is running");
  });
  test("tells mistakes of options and configuration at once", async () => {
    const { run } = machine("wrong");
    const missing = await run("runtime", "start", "--config", "none.yaml");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain("none.yaml cannot be read");
    const free = await run("runtime", "start", "--listen", "tcp://127.0.0.1:0");
    expect(free.code).toBe(2);
    expect(free.stderr).toContain("--listen must name a port");
    expect((await run("runtime", "sttart")).stderr).toContain('Did you mean "start"?');
  });
  test("keeps its log and what it knows to the owner", async () => {
    const { run } = machine("private");
    const { stdout } = await run("runtime", "start");
    await run("runtime", "stop");
    const log = /^Log: (.+)$/m.exec(stdout)?.[1] ?? "";
    expect(statSync(log).mode & 0o077).toBe(0);
    expect(statSync(join(root.path, "private.state")).mode & 0o077).toBe(0);
  });
});

describe("stop", () => {
  test("lets open calls finish, and ends them when it is told to", async () => {
    const { run, start, socket } = machine("busy");
    const pid = pidOf((await run("runtime", "start", "--allow", `127.0.0.1:${port}`)).stdout);
    const call = start(
      ...["call", "./my-api", "items.get", "-f", "id=slow", "--retries", "0"],
      ...["--base-url", `http://127.0.0.1:${port}`, "--runtime", `unix:${socket}`],
    );
    await until(() => open !== undefined, "the call to arrive", 30_000);
    const patient = await run("runtime", "stop", "--wait", "0");
    expect(patient.code).toBe(1);
    expect(patient.stderr).toContain("--force ends it");
    expect(alive(pid)).toBe(true);
    const forced = await run("runtime", "stop", "--wait", "0", "--force");
    expect(forced.code).toBe(0);
    expect(alive(pid)).toBe(false);
    const { code, stderr } = await call.finished;
    expect(code).toBe(1);
    expect(stderr).toMatch(/class +Transient/);
  }, 30_000);
  test("never ends a process that only has the number of a runtime", async () => {
    const { run } = machine("reused");
    const { stdout } = await run("runtime", "start");
    const state = /^Log: (.+)\.log$/m.exec(stdout)?.[1] ?? "";
    const remembered: unknown = JSON.parse(readFileSync(`${state}.json`, "utf8"));
    await run("runtime", "stop");
    const other = { ...remembered as object, pid: process.pid };
    writeFileSync(`${state}.json`, JSON.stringify(other));
    const { code, stdout: said } = await run("runtime", "stop");
    expect(code).toBe(0);
    expect(said).toContain("No runtime is running");
  });
  test("leaves a runtime alone that it did not start", async () => {
    const { run, start, socket } = machine("foreign");
    const daemon = start("runtime");
    try {
      await daemon.saw(/ready on/);
      const { code, stderr } = await run("runtime", "stop");
      expect(code).toBe(1);
      expect(stderr).toContain(`A runtime answers on unix:${socket}`);
      expect((await run("status")).code).toBe(0);
    } finally {
      daemon.child.kill("SIGTERM");
      await daemon.finished;
    }
  });
});

test("status is not fooled by something else that listens there", async () => {
  const mute = listenTo((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
  const address = `tcp://127.0.0.1:${(mute.address() as AddressInfo).port}`;
  const { code, stdout } = await machine("mute").run("status", address);
  mute.close();
  expect(code).toBe(1);
  expect(stdout).toContain(`No runtime answers on ${address}`);
  const embedded = await machine("mute").run("status", "embedded:");
  expect(embedded.stderr).toContain("address.invalid");
});

test("logs --follow prints what is logged from now on, until Ctrl-C", async () => {
  const { run, start, socket } = machine("logs");
  const { stdout } = await run("runtime", "start");
  const log = /^Log: (.+)$/m.exec(stdout)?.[1] ?? "";
  const following = start("runtime", "logs", "--follow");
  await following.saw(new RegExp(`ready on unix:${socket}\n`));
  await run("runtime", "stop");
  await following.saw(/stopped\n/);
  process.kill(following.child.pid ?? 0, "SIGINT");
  expect((await following.finished).code).toBe(0);
  writeFileSync(log, Array.from({ length: 300 }, (_, at) => `line ${at}\n`).join(""));
  const last = await run("runtime", "logs", "-n", "2");
  expect(last.stdout).toBe("line 298\nline 299\n");
  expect((await run("runtime", "logs")).stdout.split("\n")).toHaveLength(101);
  expect((await run("runtime", "logs", "-n", "0")).stdout).toBe("");
  const none = await run("runtime", "logs", "unix:/tmp/nobody-was-here.sock");
  expect(none.stderr).toContain("There is no log of a runtime on unix:/tmp/nobody-was-here.sock");
});
