/** `vastar` as a process in a temporary folder, on the runtime that runs the test. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../../../cli/commands.ts";
import { runCli } from "../../../cli/run.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, type RuntimeName } from "../../support/runtimes.ts";
import { writeTree } from "../../support/tree.ts";

export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

export interface Finished {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly bytes: Uint8Array;
}

export interface Settings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly on?: RuntimeName;
}

export interface Started {
  readonly child: ChildProcess;
  stdout(): string;
  /** Resolves when stdout matches; rejects when the program ends first. */
  saw(pattern: RegExp): Promise<void>;
  readonly finished: Promise<Finished>;
}

/** What must not leak in from whoever runs the tests. */
const CLEAN = {
  OPENAI_API_KEY: undefined,
  OPENAI_BASE_URL: undefined,
  VASTAR_RUNTIME: undefined,
  VASTAR_ALLOW: undefined,
  VASTAR_CONNECTORS: undefined,
  VASTAR_TOKEN: undefined,
};

export function start(args: readonly string[], settings: Settings = {}): Started {
  const { path, script } = runtime(settings.on ?? OWN_RUNTIME);
  const child = spawn(path, script(join(ROOT, "cli/main.ts"), ...args), {
    cwd: settings.cwd ?? ROOT,
    env: { ...process.env, ...CLEAN, ...settings.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin?.end(settings.input ?? "");
  const out: Uint8Array[] = [];
  let stdout = "";
  let stderr = "";
  const decoder = new TextDecoder();
  let told = () => {};
  child.stdout?.on("data", (bytes: Uint8Array) => {
    out.push(new Uint8Array(bytes));
    stdout += decoder.decode(bytes, { stream: true });
    told();
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
  let over = false;
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      over = true;
      told();
      resolve({
        code: code ?? signal ?? "unknown",
        stdout,
        stderr,
        bytes: new Uint8Array(out.flatMap((part) => [...part])),
      });
    });
  });
  return {
    child,
    stdout: () => stdout,
    finished,
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        told = () => {
          if (pattern.test(stdout)) resolve();
          else if (over) reject(new Error(`ended without ${pattern}:\n${stdout}\n${stderr}`));
        };
        told();
      }),
  };
}

/** Commands that keep a process busy. */
function keepsBusy([command = "", next = "-"]: readonly string[]): boolean {
  return command === "simulator" || command === "worker" ||
    (command === "runtime" && next.startsWith("-"));
}

/**
 * Runs a command to its end: in this process where it can, since starting one takes far longer than most commands.
 * `on` and `input` ask for a process.
 */
export function vastar(args: readonly string[], settings: Settings = {}): Promise<Finished> {
  const own = settings.on === undefined && settings.input === undefined &&
    !keepsBusy(args);
  return own ? vastarHere(args, settings) : start(args, settings).finished;
}

/** Also what would otherwise keep a process busy, where it is refused. */
export async function vastarHere(
  args: readonly string[],
  { cwd = ROOT, env = {} }: Settings = {},
): Promise<Finished> {
  const out: Uint8Array[] = [];
  let stderr = "";
  const all: Readonly<Record<string, string | undefined>> = { ...process.env, ...CLEAN, ...env };
  const code = await runCli(COMMANDS, args, {
    stdout: (content) =>
      void out.push(typeof content === "string" ? new TextEncoder().encode(content) : content),
    stderr: (text) => void (stderr += text),
    env: (name) => all[name],
    cwd,
    interactive: false,
    onSignal: () => () => {},
  });
  const bytes = new Uint8Array(out.flatMap((part) => [...part]));
  return { code, stdout: new TextDecoder().decode(bytes), stderr, bytes };
}

/** A temporary folder with files; `remove` takes it away. */
export async function folder(
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly path: string; remove(): void }> {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "vc-")));
  await writeTree(path, files);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A small sound spec. */
export function spec(id: string, more = ""): string {
  return `connector: 1
id: ${id}
version: 1.0.0
servers: { default: https://${id}.example }
operations:
  items.get:
    get: /items/{id}
    input: { id: { in: path, type: string } }
    result: { type: object, properties: { name: string } }
${more}`;
}
