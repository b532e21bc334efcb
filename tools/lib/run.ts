import { spawn } from "node:child_process";
import process from "node:process";

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and errors as they came. */
  readonly output: string;
}

export interface RunOptions {
  readonly cwd: string;
  /** The process is ended after this. Default: 240,000 ms. */
  readonly timeoutMs?: number;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one process to its end. Never throws: what went wrong is in `output`. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Outcome> {
  const timeoutMs = options.timeoutMs ?? 240_000;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      // What they print is shown later, or read by a check.
      env: { ...process.env, NO_COLOR: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => chunks.push(chunk));
    }
    const timer = setTimeout(() => {
      chunks.push(`\nended after ${timeoutMs / 1000} s: ${command} ${args.join(" ")}\n`);
      child.kill("SIGKILL");
    }, timeoutMs);
    child.on("error", (error) => chunks.push(`${command}: ${error.message}\n`));
    // `close` and not `exit`: by then everything that was written has been read.
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ ok: code === 0, output: chunks.join("") });
    });
  });
}
