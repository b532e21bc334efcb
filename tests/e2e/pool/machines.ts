/** Two machines as network namespaces: a worker on one, NATS, an API and two members on the other, one of which is killed under load. */
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { follow, type Program } from "../../support/process.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";
import type { Ended, Seen } from "./machines_main.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const TOKEN = "between-two-machines-0123456789";
const [HERE, THERE] = ["10.213.77.1", "10.213.77.2"];

/** Why there are no namespaces here. */
export const namespacesMissing: string | undefined = (() => {
  const name = `vastar-try-${process.pid}`;
  const made = spawnSync("ip", ["netns", "add", name]);
  if (made.error !== undefined) return "there is no program ip";
  if (made.status !== 0) return "this user may not make network namespaces";
  spawnSync("ip", ["netns", "delete", name]);
  return spawnSync("nats-server", ["--version"]).error === undefined
    ? undefined
    : "there is no nats-server on PATH";
})();

export interface MachinesVerdict {
  readonly calls: number;
  readonly right: number;
  readonly failed: Readonly<Record<string, number>>;
  /** Violations; both must be empty. */
  readonly twice: readonly string[];
  readonly wrong: readonly string[];
  /** Calls that ended after a member was killed, and were right. */
  readonly rightAfter: number;
  /** What the API got in the time that it took, as a part of what the limit of both members lets through; at most 1. */
  readonly ofLimit: number;
}

/** Below what the load can do, so that it is the limit that decides. */
const [PER_SECOND, BURST] = [100, 10];

export async function playMachines(name: RuntimeName, calls: number): Promise<MachinesVerdict> {
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "vm-"));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const [near, far] = [`vastar-a-${process.pid}`, `vastar-b-${process.pid}`];
  ip("netns", "add", near);
  stack.defer(() => void spawnSync("ip", ["netns", "delete", near]));
  ip("netns", "add", far);
  stack.defer(() => void spawnSync("ip", ["netns", "delete", far]));
  ip("-n", near, "link", "add", "va", "type", "veth", "peer", "name", "vb", "netns", far);
  for (const [space, link, address] of [[near, "va", HERE], [far, "vb", THERE]] as const) {
    ip("-n", space, "address", "add", `${address}/24`, "dev", link);
    ip("-n", space, "link", "set", link, "up");
    ip("-n", space, "link", "set", "lo", "up");
  }
  const inside = (space: string, command: readonly string[], env: Record<string, string> = {}) => {
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(([key]) => !/^(VASTAR_(?!TEST)|OPENAI_)/.test(key)),
    );
    const program = follow(spawn("ip", ["netns", "exec", space, ...command], {
      cwd: ROOT,
      env: { ...clean, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }));
    stack.defer(() => program.stop());
    return program;
  };
  const { path, script } = runtime(name);
  const run = (
    space: string,
    file: string,
    args: readonly string[],
    env: Record<string, string> = {},
  ): Program => inside(space, [path, ...script(file, ...args)], env);

  const config = join(folder, "nats.conf");
  writeFileSync(config, `listen: "${THERE}:4222"\njetstream { store_dir: "${folder}/nats" }\n`);
  await inside(far, ["nats-server", "-c", config]).waitFor(/Server is ready/);
  const [, port] = await run(far, "tests/e2e/pool/machines_main.ts", ["api", THERE]).waitFor(
    /^(\d+)$/m,
  );
  const pool = `nats://${THERE}:4222/machines`;
  const file = join(folder, "runtime.yaml");
  writeFileSync(
    file,
    `join: { address: "${pool}" }
shared: {}
egress: { allow: ["${THERE}:${port}"] }
rateLimits: [{ calls: ${PER_SECOND}, per: 1s, burst: ${BURST}, maxWait: 60s }]
`,
  );
  const member = () =>
    run(far, "cli/main.ts", ["runtime", "--config", file], { VASTAR_TOKEN: TOKEN });
  const members = [member(), member()];
  for (const one of members) await one.waitFor(/runtime ready/);
  const worker = run(near, "cli/main.ts", ["worker", "--port", "0", "--runtime", pool], {
    VASTAR_TOKEN: TOKEN,
    OPENAI_API_KEY: "sk-none",
    OPENAI_BASE_URL: `http://${THERE}:${port}/v1`,
  });
  const [, url = ""] = await worker.waitFor(/(http:\/\/[\d.]+:\d+)/);

  const load = run(near, "tests/e2e/pool/machines_main.ts", ["load", url, String(calls)]);
  await load.waitFor(new RegExp(`^done ${round(calls / 3)}$`, "m"), 60_000);
  // Through `ip`, which becomes the program.
  members[0]!.signal("SIGKILL");
  // A cable that is out for a moment: nothing is lost, for TCP sends it again.
  await load.waitFor(new RegExp(`^done ${round(calls * 2 / 3)}$`, "m"), 60_000);
  ip("-n", near, "link", "set", "va", "down");
  await new Promise((resolve) => setTimeout(resolve, 500));
  ip("-n", near, "link", "set", "va", "up");
  const [, json = "[]"] = await load.waitFor(/^ended (.*)$/m, 120_000);
  const ended = JSON.parse(json) as Ended[];
  const asked = inside(far, [
    path,
    ...(name === "deno" ? ["eval"] : ["-e"]),
    ASK(`http://${THERE}:${port}/seen`),
  ]);
  const [, told = "{}"] = await asked.waitFor(/^seen (.*)$/m);
  return judge(ended, JSON.parse(told) as Record<string, Seen>, round(calls / 3));
}

const ASK = (url: string) =>
  `console.log("seen " + await (await fetch(${JSON.stringify(url)})).text())`;

function judge(
  ended: readonly Ended[],
  seen: Readonly<Record<string, Seen>>,
  killedAt: number,
): MachinesVerdict {
  const failed: Record<string, number> = {};
  const twice: string[] = [];
  const wrong: string[] = [];
  for (const { id, right, code, sent, status } of ended) {
    const { requests, answered } = seen[id] ?? { requests: 0, answered: 0 };
    if (answered > 1 || requests > 1) twice.push(`${id}: the API got it ${requests} times`);
    if (right) {
      if (requests !== 1) wrong.push(`${id} was answered, and the API got it ${requests} times`);
      continue;
    }
    const label = `${code ?? `status ${status}`}, sent ${sent}`;
    failed[label] = (failed[label] ?? 0) + 1;
    if (sent === "no" && requests > 0) wrong.push(`${id}: ${label}, and the API got it`);
    if (sent === "committed" && answered === 0) {
      wrong.push(`${id}: ${label}, and the API did not answer`);
    }
    if (sent === undefined) wrong.push(`${id}: ${label}`);
  }
  return {
    calls: ended.length,
    right: ended.filter(({ right }) => right).length,
    failed,
    twice,
    wrong,
    rightAfter: ended.slice(killedAt + 40).filter(({ right }) => right).length,
    ofLimit: partOfLimit(Object.values(seen).map(({ at }) => at)),
  };
}

function partOfLimit(times: readonly number[]): number {
  const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
  return times.length / (BURST + seconds * PER_SECOND);
}

/** Progress is reported in steps. */
function round(count: number): number {
  return Math.floor(count / 20) * 20;
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
