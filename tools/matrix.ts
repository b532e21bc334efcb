/**
 * Tries this repository on machines with only one runtime: `bun tools/matrix.ts [--whole] [bun|deno|node …]`. For each,
 * a fresh clone, and a PATH that holds a few system programs and that runtime. The worker is started with the command of the
 * README and asked for a stream; then a few steps of the test command, with `--whole` all of it. The clone is of the last
 * commit.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { runtime } from "../tests/support/runtimes.ts";
import { VERSIONS } from "./fetch_runtime.ts";

const root = join(import.meta.dirname, "..");
/** A clone, a shell and what npm's own scripts call. */
const SYSTEM =
  "sh bash env echo git cat cp ls mkdir rm ln sed grep uname dirname basename chmod id which"
    .split(" ");
/** Downloads on a slow line, on a machine that does something else besides. */
const READY_MS = 300_000;
const STEPS = ["layers", "exports", "types", "formatting", "lint (deno)"];

type Kind = "bun" | "deno" | "node";

interface Machine {
  /** The programs available besides the system's. */
  readonly programs: readonly string[];
  readonly worker: readonly string[];
  readonly test: readonly string[];
}

function onPath(name: string): string | undefined {
  return (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, name)).find(
    existsSync,
  );
}

/** The commands that the documents name. */
const MACHINES: Readonly<Record<Kind, () => Machine>> = {
  node: () => ({
    programs: [onPath("node") ?? "", onPath("npm") ?? "", onPath("npx") ?? ""],
    worker: ["npx", "-y", `bun@${VERSIONS.bun}`, "run", "worker"],
    test: ["npx", "-y", `deno@${VERSIONS.deno}`, "task", "test"],
  }),
  bun: () => ({
    programs: [runtime("bun").path],
    worker: ["bun", "run", "worker"],
    test: ["bun", "run", "test"],
  }),
  deno: () => ({
    programs: [runtime("deno").path],
    worker: ["deno", "task", "worker"],
    test: ["deno", "task", "test"],
  }),
};

/** The only inherited variables: where certificates and caches are, but nothing that says where a runtime is. */
const KEPT = /^(?:HOME|LANG|TMPDIR|.*CERT.*|.*_PROXY|.*_proxy|NPM_CONFIG_.*|npm_config_.*)$/;

function environment(path: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => KEPT.test(name));
  return { ...Object.fromEntries(kept), PATH: path, NO_COLOR: "1" } as Record<string, string>;
}

/** Starts the worker, asks it for a stream, and ends it. Resolves to the fault, or to undefined. */
async function tryWorker(
  command: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<string | undefined> {
  const [program, ...args] = [...command, "--port", "0"];
  // A group of its own: what launchers have started ends with it.
  const child = spawn(join(env["PATH"] ?? "", program), args, { cwd, env, detached: true });
  let output = "";
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("not ready in time")), READY_MS);
      const read = (chunk: Uint8Array) => {
        output += new TextDecoder().decode(chunk);
        const found = /Worker ready on (http:\S+)/.exec(output)?.[1];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
      child.on("error", reject);
      child.on("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code}`));
      });
    });
    const response = await fetch(`${url}/connectors/openai/chat.completions.create`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        model: "gpt-4o-mini",
        messages: [{ role: "user", content: "Hello" }],
        stream: true,
      }),
    });
    const text = await response.text();
    return text.includes("data: ") ? undefined : `${response.status}: ${text}`;
  } catch (error) {
    return `${(error as Error).message}\n${output}`;
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
  }
}

async function tryMachine(kind: Kind, whole: boolean): Promise<string[]> {
  const machine = MACHINES[kind]();
  const folder = mkdtempSync(join(tmpdir(), `vastar-only-${kind}-`));
  try {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of SYSTEM) {
      const path = onPath(name);
      if (path !== undefined) symlinkSync(path, join(bin, name));
    }
    for (const path of machine.programs) {
      // Bun's binary is called by another name in its npm package.
      const name = basename(path).replace(/\.exe$/, "");
      symlinkSync(path, join(bin, name));
    }
    const clone = join(folder, "clone");
    spawnSync("git", ["clone", "--quiet", root, clone], { stdio: "inherit" });
    const env = environment(bin);
    const faults: string[] = [];
    const worker = await tryWorker(machine.worker, clone, env);
    if (worker !== undefined) faults.push(`${machine.worker.join(" ")}: ${worker}`);
    const [program = "", ...args] = whole ? machine.test : [...machine.test, ...STEPS];
    const tested = spawnSync(join(bin, program), args, { cwd: clone, env, encoding: "utf8" });
    const output = `${tested.error?.message ?? ""}${tested.stdout}${tested.stderr}`;
    if (tested.status !== 0) faults.push(`${machine.test.join(" ")}: ${output}`);
    const last = tested.stdout.trim().split("\n").slice(-2).join("; ");
    const cell = (fault: boolean) => fault ? "failed" : "works";
    console.log(
      `| ${kind.padEnd(5)}| ${cell(worker !== undefined).padEnd(7)}| ${
        cell(tested.status !== 0).padEnd(7)
      }| ${last} |`,
    );
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { whole: { type: "boolean", default: false } },
});
const kinds = Object.keys(MACHINES).filter((kind): kind is Kind =>
  positionals.length === 0 || positionals.includes(kind)
);
if (kinds.length === 0 || positionals.some((name) => !(name in MACHINES))) {
  console.error(`Say which machines: ${Object.keys(MACHINES).join(", ")}; none means all.`);
  process.exit(2);
}
console.log("| only | worker | tests  | the end of the test command |\n| --- | --- | --- | --- |");
const faults: string[] = [];
for (const kind of kinds) faults.push(...await tryMachine(kind, values.whole));
for (const fault of faults) console.log(`\n── ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);
