/** A background runtime whose options or configuration change. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
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
  for (const { run } of machines) await run("runtime", "stop", "--wait", "0", "--force");
  server.closeAllConnections();
  server.close();
  root.remove();
}, 60_000);

function machine(name: string) {
  const socket = join(root.path, `${name}.sock`);
  const env = { VASTAR_SOCKET_PATH: socket, VASTAR_STATE_DIR: join(root.path, `${name}.state`) };
  const settings = { cwd: root.path, env };
  const call = (id: string, ...more: string[]) => [
    ...["call", "./my-api", "items.get", "-f", `id=${id}`, "--json", "--retries", "0"],
    ...["--base-url", `http://127.0.0.1:${port}`, "--runtime", `unix:${socket}`, ...more],
  ];
  const made = {
    socket,
    run: (...args: string[]) => vastar(args, settings),
    call: (id: string) => vastar(call(id), settings),
    startCall: (id: string) => start(call(id), settings),
  };
  machines.push(made);
  return made;
}

function pidOf(text: string): number {
  return Number(/pid (\d+)/.exec(text)?.[1]);
}

test(
  "start with other options says which differ, changes nothing and fails; restart takes them",
  async () => {
    const { run, call, socket } = machine("options");
    const pid = pidOf((await run("runtime", "start", "--allow", "127.0.0.1:9")).stdout);
    expect((await call("1")).code).toBe(1);
    const rule = `127.0.0.1:${port}`;
    const again = await run("runtime", "start", "--allow", rule, "--drain", "5");
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain(`is already running on unix:${socket} (pid ${pid})`);
    expect(again.stderr).toContain(`--allow: it runs with 127.0.0.1:9; given: ${rule}\n`);
    expect(again.stderr).toContain("--drain: it runs with none; given: 5\n");
    expect(again.stderr).not.toContain("--listen");
    expect(again.stderr).toContain("vastar runtime restart");
    const without = await run("runtime", "start");
    expect([without.code, without.stderr.includes("given: none")]).toEqual([1, true]);
    expect((await run("runtime", "start", "--allow", "127.0.0.1:9")).code).toBe(0);

    const restarted = await run("runtime", "restart", "--allow", rule);
    expect(restarted).toMatchObject({ code: 0, stderr: "" });
    expect(restarted.stdout).toContain(`has ended (pid ${pid})`);
    expect((await call("1")).stdout).toBe('{"name":"right"}\n');
    // Without options it keeps those that it has.
    const once = await run("runtime", "restart");
    expect(once.code).toBe(0);
    expect(pidOf(once.stdout.slice(once.stdout.indexOf("is running")))).not.toBe(pid);
    expect((await call("1")).code).toBe(0);
    expect((await run("runtime", "stop")).code).toBe(0);
  },
  60_000,
);

test("restart with a mistake leaves the runtime alone; without one it starts one", async () => {
  const { run } = machine("restart");
  const first = await run("runtime", "restart");
  expect(first.code).toBe(0);
  const wrong = await run("runtime", "restart", "--config", "none.yaml");
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("none.yaml cannot be read");
  const status = JSON.parse((await run("status", "--json")).stdout) as { pid: number };
  expect(status.pid).toBe(pidOf(first.stdout));
}, 60_000);

test(
  "reload takes a configuration, says what needs a restart, and why one is refused",
  async () => {
    const { run, call } = machine("reload");
    const config = join(root.path, "reload.yaml");
    writeFileSync(config, "log: { level: error }\n");
    expect((await run("runtime", "reload")).stderr).toContain("No runtime that");
    expect((await run("runtime", "start", "--config", "reload.yaml")).code).toBe(0);
    expect((await call("1")).code).toBe(1);
    writeFileSync(config, `egress: { allow: ["127.0.0.1:${port}"] }\nlog: { level: error }\n`);
    const taken = await run("runtime", "reload");
    expect(taken).toMatchObject({ code: 0, stderr: "" });
    expect(taken.stdout).not.toContain("restart");
    expect((await call("1")).code).toBe(0);

    writeFileSync(config, "egress: { alow: [] }\n");
    const refused = await run("runtime", "reload");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("keeps its old configuration");
    expect(refused.stderr).toContain("reload.yaml:1:11: unknown setting egress.alow");
    expect((await run("runtime", "logs")).stdout).toContain("the old one stays");
    expect((await call("1")).code).toBe(0);

    const rules = `egress: { allow: ["127.0.0.1:${port}"] }\n`;
    writeFileSync(config, `${rules}limits: { maxOpenCalls: 7 }\nadmin: tcp://127.0.0.1:5999\n`);
    const partly = await run("runtime", "reload");
    expect(partly.code).toBe(0);
    expect(partly.stdout).toContain("`vastar runtime restart` only: daemon.maxOpenCalls, admin\n");
  },
  60_000,
);

test("status says that a runtime drains", async () => {
  const { run, startCall } = machine("draining");
  const { stdout } = await run("runtime", "start", "--allow", `127.0.0.1:${port}`);
  const call = startCall("slow");
  await until(() => open !== undefined, "the call to arrive", 20_000);
  expect((await run("runtime", "stop", "--wait", "0")).code).toBe(1);
  const log = /^Log: (.+)$/m.exec(stdout)?.[1] ?? "";
  await until(() => readFileSync(log, "utf8").includes("SIGTERM"), "the drain", 20_000);
  const status = await run("status");
  expect(status.code).toBe(1);
  expect(status.stdout).toContain("is draining: it finishes its open calls");
  expect(JSON.parse((await run("status", "--json")).stdout)).toMatchObject({
    healthy: false,
    draining: true,
    message: "draining",
  });
  const reload = await run("runtime", "reload");
  expect([reload.code, reload.stderr]).toEqual([1, expect.stringContaining("is draining")]);
  open?.setHeader("content-type", "application/json").end('{"name":"late"}');
  expect((await call.finished).stdout).toBe('{"name":"late"}\n');
}, 60_000);
