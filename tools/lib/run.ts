import { spawn } from "node:child_process";
import process from "node:process";

export interface Outcome {
  readonly ok: boolean;
  /** Standard output and standard error, interleaved. */
  readonly output: string;
  /** It was killed after this long without output. */
  readonly silentMs?: number;
}

export interface RunOptions {
  readonly cwd: string;
  /**
   * The process is killed after this long without output, however long it takes in all. Default: 600,000 ms,
   * longer than any single step on the slowest machine.
   */
  readonly silentMs?: number;
  /** Only output that contains this counts as a sign of life. Default: all output. */
  readonly progress?: RegExp;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs one process to its end. Never throws: what went wrong is in `output`. */
export function run(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<Outcome> {
  const silentMs = options.silentMs ?? 600_000;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      // What they print is shown later, or read by a check.
      env: { ...process.env, NO_COLOR: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: string[] = [];
    let silent = false;
    const end = () => {
      silent = true;
      child.kill("SIGKILL");
    };
    let timer = setTimeout(end, silentMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (chunk: string) => {
        chunks.push(chunk);
        if (options.progress !== undefined && !options.progress.test(chunk)) return;
        clearTimeout(timer);
        timer = setTimeout(end, silentMs);
      });
    }
    child.on("error", (error) => chunks.push(`${command}: ${error.message}\n`));
    const settle = (code: number | null): void => {
      clearTimeout(timer);
      if (!silent) return resolve({ ok: code === 0, output: chunks.join("") });
      chunks.push(`\nended after ${silentMs / 1000} s of silence: ${command} ${args.join(" ")}\n`);
      resolve({ ok: false, output: chunks.join(""), silentMs });
    };
    // `close` and not `exit`: by then everything written has been read. Its own children may keep
    // the pipes open, though, and nothing would ever end that.
    child.on("close", settle);
    child.on("exit", (code) => {
      if (silent) settle(code);
    });
  });
}
