/** The generator and the compiler as whole processes. */
import { join } from "node:path";
import process from "node:process";

const root = join(import.meta.dirname, "../..");

interface Ended {
  readonly ms: number;
  readonly peakMb: number;
  readonly output: string;
}

/** One process from start to end; throws unless it succeeds. */
export async function timed(args: readonly string[], cwd: string = root): Promise<Ended> {
  const start = performance.now();
  const child = Bun.spawn([process.execPath, ...args], { cwd, stdout: "pipe", stderr: "pipe" });
  const [output, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const code = await child.exited;
  const ms = performance.now() - start;
  if (code !== 0) throw new Error(`${args.join(" ")}: exit code ${code}\n${errors}${output}`);
  return { ms, peakMb: (child.resourceUsage()?.maxRSS ?? Number.NaN) / 1024 / 1024, output };
}

export const vastar = (...args: string[]): string[] => [join(root, "cli/main.ts"), ...args];
export const tsc: string = join(root, "node_modules/typescript/bin/tsc");
