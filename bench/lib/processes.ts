/** The other processes of a benchmark. Each is started with the runtime that runs the benchmark, unless another is named. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";

const root = join(import.meta.dirname, "../..");

export interface Started {
  /** What it printed when it was ready. */
  readonly line: string;
  /** Resident memory in MB; NaN where the system does not tell. */
  residentMb(): Promise<number>;
  /** Processor time used so far, of all its threads, in ms; NaN where the system does not tell. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a file of the repository and waits for a line on its standard output that matches. */
export async function start(
  args: readonly string[],
  ready: RegExp,
  timeoutMs = 10_000,
  program: string = process.execPath,
): Promise<Started> {
  const child = spawn(program, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
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
  return {
    line,
    residentMb: () => residentMb(child.pid),
    cpuMs: () => cpuMs(child.pid),
    stop: () => stop(child),
  };
}

async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? Number.NaN : Number(kilobytes) / 1024;
}

/** The kernel counts in hundredths of a second. */
async function cpuMs(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The program's name, in brackets, may hold spaces: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
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
