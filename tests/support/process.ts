/** Programs of this repository as processes, for tests that try them as their users do. */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtime, type RuntimeName } from "./runtimes.ts";

const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));
/** A slow machine under load starts a program in seconds, not in tens of them. */
const START_MS = 30_000;

/** The runtime that runs this test. */
export const OWN_RUNTIME: RuntimeName = "Bun" in globalThis ? "bun" : "deno";

export interface Program {
  /** All of stdout and stderr so far. */
  output(): string;
  signal(name: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
  /** The exit code, or the name of the signal that ended it. */
  readonly exited: Promise<number | string>;
  /** What `pattern` found in the output, as soon as it is there. Rejects when the program ends first, and after `ms`. */
  waitFor(pattern: RegExp, ms?: number): Promise<RegExpExecArray>;
  /** Ends it if it still runs. */
  stop(): Promise<void>;
}

/** Runs a file of the repository. `env` replaces variables; undefined removes one. */
export function startProgram(
  name: RuntimeName,
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Program {
  const { path, script } = runtime(name);
  return follow(spawn(path, script(file, ...args), {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  }));
}

export function follow(child: ChildProcess): Program {
  let output = "";
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  const append = (text: string) => {
    output += text;
    tell();
  };
  child.stdout?.setEncoding("utf8").on("data", append);
  child.stderr?.setEncoding("utf8").on("data", append);
  let ended = false;
  const exited = new Promise<number | string>((resolve) => {
    child.once("error", (error) => {
      ended = true;
      output += `\n${error.message}`;
      resolve(error.message);
      tell();
    });
    child.once("close", (code, signal) => {
      ended = true;
      resolve(code ?? signal ?? "unknown");
      tell();
    });
  });
  return {
    output: () => output,
    signal(name) {
      // Not child.kill: on Deno that makes the exit look as if the signal had caused it.
      if (!ended && child.pid !== undefined) process.kill(child.pid, name);
    },
    exited,
    waitFor: (pattern, ms = START_MS) =>
      new Promise((resolve, reject) => {
        const settle = () => {
          const found = pattern.exec(output);
          if (found === null && !ended) return;
          listeners.delete(settle);
          clearTimeout(timer);
          if (found !== null) resolve(found);
          else reject(new Error(`The program ended without ${pattern}:\n${output}`));
        };
        const timer = setTimeout(() => {
          listeners.delete(settle);
          reject(new Error(`No ${pattern} within ${ms} ms:\n${output}`));
        }, ms);
        listeners.add(settle);
        settle();
      }),
    async stop() {
      if (!ended) child.kill("SIGKILL");
      await exited;
    },
  };
}
