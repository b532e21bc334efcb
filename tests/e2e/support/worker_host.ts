/** The ready-made worker on each host, as `docs/worker.md` starts it. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";
import type { ApiKey } from "../../../src/worker/mod.ts";
import { run } from "../../../tools/lib/run.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

export type WorkerHost = "bun" | "deno" | "node" | "workerd";
export const WORKER_HOSTS: readonly WorkerHost[] = ["bun", "deno", "node", "workerd"];

export interface HostedWorker {
  readonly url: string;
  stop(): Promise<void>;
}

export async function hostWorker(
  host: WorkerHost,
  env: Readonly<Record<string, string>>,
  keys: readonly ApiKey[],
): Promise<HostedWorker> {
  return host === "workerd" ? await onWorkerd(env, keys) : await asProcess(host, env, keys);
}

async function onWorkerd(
  env: Readonly<Record<string, string>>,
  keys: readonly ApiKey[],
): Promise<HostedWorker> {
  const folder = await mkdtemp(join(tmpdir(), "vh-"));
  const out = join(folder, "worker.js");
  const built = await run(runtime("bun").path, [
    "build",
    "src/platform/workerd/worker.ts",
    "--target=browser",
    "--conditions=workerd",
    "--external=cloudflare:*",
    `--outfile=${out}`,
  ], { cwd: ROOT });
  if (!built.ok) throw new Error(built.output);
  const workerd = new Miniflare({
    modules: true,
    script: await readFile(out, "utf8"),
    compatibilityDate: "2026-01-01",
    bindings: { ...env, VASTAR_KEYS: JSON.stringify({ keys }) },
    cf: false,
  });
  const url = String(await workerd.ready).replace(/\/$/, "");
  await rm(folder, { recursive: true });
  return { url, stop: () => workerd.dispose() };
}

async function asProcess(
  host: RuntimeName,
  env: Readonly<Record<string, string>>,
  keys: readonly ApiKey[],
): Promise<HostedWorker> {
  const folder = await mkdtemp(join(tmpdir(), "vh-"));
  const file = join(folder, "keys.json");
  await writeFile(file, JSON.stringify({ keys }));
  const port = await freePort();
  const { path, script } = runtime(host);
  const entry = `src/platform/${host}/worker.ts`;
  const where = ["--host=127.0.0.1", `--port=${port}`];
  const program = join(folder, "main.ts");
  await writeFile(program, `import { serve } from "${ROOT}${entry}";\nawait serve();\n`);
  const args = host === "bun"
    ? script(entry)
    : host === "deno"
    ? ["serve", "-A", "--no-check", "--quiet", ...where, entry]
    : script(program);
  const child: ChildProcess = spawn(path, args, {
    cwd: ROOT,
    env: { ...process.env, ...env, VASTAR_KEYS: file, PORT: `${port}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  while (!(await fetch(`${url}/livez`).then(({ ok }) => ok, () => false))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`no worker on ${host}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    async stop() {
      child.kill("SIGKILL");
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
