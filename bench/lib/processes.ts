/** The other processes of a benchmark. Each is started with the runtime that runs the benchmark, unless another is named. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { BUN_ENV, V8_FLAGS } from "../../cli/runtime/background/lean.ts";

/** As `vastar runtime start` starts a daemon. */
const LEAN = { ...BUN_ENV, NODE_OPTIONS: V8_FLAGS, DENO_V8_FLAGS: V8_FLAGS };

const root = join(import.meta.dirname, "../..");

export interface Started {
  /** What it printed when it was ready. */
  readonly line: string;
  /** Resident memory in MB; NaN if the system does not say. */
  residentMb(): Promise<number>;
  /** The part of it that is the process's own, not pages of the files of programs that it has touched. */
  ownMb(): Promise<number>;
  /** Processor time used so far by all its threads, in ms; NaN if the system does not say. */
  cpuMs(): Promise<number>;
  /** Writes a line to its standard input; resolves with the next line of its standard output. */
  ask(line: string): Promise<string>;
  stop(): Promise<void>;
  /** As `kill -9` does. */
  kill(): Promise<void>;
}

interface StartOptions {
  /** Until it is ready. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Default: the one that runs this. */
  readonly program?: string;
  /** Besides the variables of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a file of the repository and waits for a line on its standard output that matches. */
export async function start(
  args: readonly string[],
  ready: RegExp,
  { timeoutMs = 10_000, program = process.execPath, env = {} }: StartOptions = {},
): Promise<Started> {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...(args.includes("runtime") && LEAN), ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let rest = "";
  let answer: ((line: string) => void) | undefined;
  const line = await new Promise<string>((resolve, reject) => {
    let output = "";
    const read = (chunk: string): void => {
      output += chunk;
      const found = output.split("\n").find((text) => ready.test(text));
      if (found !== undefined) resolve(found);
    };
    const fail = (why: string): void => reject(new Error(`${args.join(" ")}: ${why}\n${output}`));
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", read);
    child.once("exit", (code) => fail(`exit code ${code} before it was ready`));
    setTimeout(() => fail(`not ready after ${timeoutMs} ms`), timeoutMs).unref();
  });
  child.stdout.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) answer?.(text);
  });
  return {
    line,
    residentMb: () => memoryMb(child.pid, "VmRSS"),
    ownMb: () => memoryMb(child.pid, "RssAnon"),
    cpuMs: () => cpuMs(child.pid),
    ask: (question) =>
      new Promise((resolve, reject) => {
        const exited = (code: number | null): void => reject(new Error(`exit code ${code}`));
        child.once("exit", exited);
        answer = (text) => {
          child.off("exit", exited);
          resolve(text);
        };
        child.stdin.write(`${question}\n`);
      }),
    stop: () => stop(child),
    kill: () => end(child, "SIGKILL"),
  };
}

async function memoryMb(pid: number | undefined, kind: "VmRSS" | "RssAnon"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = new RegExp(`^${kind}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) / 1024;
}

/** The kernel counts nanoseconds per thread; if unavailable, hundredths of a second per process. */
export async function cpuMs(pid: number | undefined): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const times = await Promise.all(threads.map(async (thread) => {
    const text = await readFile(`/proc/${pid}/task/${thread}/sched`, "utf8").catch(() => "");
    return Number(/^se\.sum_exec_runtime\s*:\s*([\d.]+)$/m.exec(text)?.[1] ?? Number.NaN);
  }));
  const sum = times.reduce((total, time) => total + time, 0);
  if (threads.length > 0 && !Number.isNaN(sum)) return sum;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The program's name, in parentheses, may contain spaces: fields are counted from after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10;
}

async function stop(child: ChildProcess): Promise<void> {
  await end(child, "SIGTERM");
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
  await ended;
  clearTimeout(timer);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
