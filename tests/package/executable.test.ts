/** `bun run build:runtime`: one file that needs neither Bun nor the checkout, tried in a folder of its own. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { RuntimeClient } from "../../src/client/mod.ts";
import { runtime, titled } from "../support/runtimes.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const { path: bun, missing } = runtime("bun");
const scripts = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts;
let folder = "";
let upstream: UpstreamServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vb-"));
  upstream = await startUpstream();
});
afterAll(async () => {
  await run("runtime", "stop", "--wait", "0", "--force");
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Not in one go: a client in this process hears that it is to leave. */
async function run(...args: string[]) {
  const child = spawn(join(folder, "vastar"), args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      HOME: folder,
      PATH: "",
      VASTAR_STATE_DIR: join(folder, "state"),
      VASTAR_SOCKET_PATH: join(folder, "r.sock"),
    },
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: code as number | null, stdout, stderr };
}

(missing === undefined ? test : test.skip)(
  titled("the executable starts in the background, serves calls, is replaced and stops", missing),
  async () => {
    const [program = "", ...args] = String(scripts["build:runtime"]).split(" ");
    expect(program).toBe("bun");
    const out = args.map((arg) => arg === "dist-runtime/vastar" ? join(folder, "vastar") : arg);
    const built = spawnSync(bun, out, { cwd: ROOT, encoding: "utf8", env: process.env });
    expect(`${built.status} ${built.status === 0 ? "" : built.stderr}`).toBe("0 ");

    expect(await run("runtime", "start", "--allow", `127.0.0.1:${upstream.port}`)).toMatchObject({
      code: 0,
      stderr: "",
    });
    const client = new RuntimeClient({ address: `unix:${join(folder, "r.sock")}` });
    try {
      expect((await client.fetch(`${upstream.url}/json`)).status).toBe(200);
      expect(await run("runtime", "restart")).toMatchObject({ code: 0, stderr: "" });
      expect((await client.fetch(`${upstream.url}/json`)).status).toBe(200);
    } finally {
      await client.close();
    }
    expect((await run("status")).stdout).toContain("is healthy");
    expect(await run("runtime", "stop")).toMatchObject({ code: 0 });
  },
  120_000,
);
