/** The same client and daemon on Bun, Deno and Node, each beside what its callers have without: `fetch`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime, type RuntimeName, RUNTIMES } from "../tests/support/runtimes.ts";
import { ROOT } from "./lib/checkouts.ts";
import { start, type Started } from "./lib/processes.ts";
import type { Figure, Report, Target } from "./lib/report.ts";
import { compareRounds, interleave } from "./lib/rounds.ts";
import { median } from "./lib/stats.ts";
import type { Took, Work } from "./shared/side_main.ts";

const CALLS = 4_000;
const IN_FLIGHT = 64;
/** Programs that share one daemon, with as many calls in flight together. */
const PROGRAMS = 8;

const EQUAL: Target = {
  is: "at least",
  value: 0.95,
  missed:
    "programs, daemon and API share two cores, on which `fetch` has one program and the API. Counted in the daemon: " +
    "1.03 writes and 1.02 reads a call for one program, 1.15 and 1.14 for eight, of which the API takes one each; what " +
    "eight programs cost more is their own, each with fewer answers a turn",
};
const PART: Target = { is: "at least", value: 0.6 };
const DENO_MB: Target = { is: "at most", value: 120 };

export async function benchRuntimes(rounds: number): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const run = async (name: RuntimeName, ready: RegExp, file: string, ...args: string[]) => {
    const { path: program, script } = runtime(name);
    const started = await start(script(file, ...args), ready, { program, timeoutMs: 30_000 });
    stack.defer(() => started.stop());
    return started;
  };
  const upstream = await run("bun", /upstream ready/, "bench/upstream_main.ts");
  const host = `127.0.0.1:${upstream.line.split(" ").at(-1)}`;
  const caller = (name: RuntimeName, address: string): Promise<Started> =>
    run(name, /side ready/, "bench/shared/side_main.ts", ROOT, address, host);

  const present = RUNTIMES.filter((name) => runtime(name).missing === undefined);
  const daemons = new Map<RuntimeName, Started>();
  const sides = new Map<string, readonly Started[]>([
    ["fetch of bun", [await caller("bun", "direct")]],
  ]);
  for (const name of present) {
    const address = `unix:${join(folder, `${name}.sock`)}`;
    const flags = ["runtime", "--listen", address, "--allow", host];
    daemons.set(name, await run(name, /ready/i, "cli/main.ts", ...flags));
    if (name !== "bun") sides.set(`fetch of ${name}`, [await caller(name, "direct")]);
    sides.set(`embedded on ${name}`, [await caller(name, "embedded:")]);
    sides.set(`daemon on ${name}`, [await caller("bun", address)]);
    if (name !== "bun") continue;
    const programs = Array.from({ length: PROGRAMS }, () => caller("bun", address));
    sides.set(`daemon on bun, ${PROGRAMS} programs`, await Promise.all(programs));
  }

  /** Calls a second of all programs of a side. */
  async function rate(programs: readonly Started[]): Promise<number> {
    const work: Work = {
      kind: "get",
      url: `http://${host}/small`,
      calls: CALLS / programs.length,
      inFlight: IN_FLIGHT / programs.length,
    };
    const took = await Promise.all(
      programs.map(async (program) => JSON.parse(await program.ask(JSON.stringify(work))) as Took),
    );
    return CALLS * 1_000 / Math.max(...took.map(({ wallMs }) => wallMs));
  }

  // The first rounds compile and connect.
  const rates = await interleave(
    [...sides.keys()],
    rounds + 2,
    (side) => rate(sides.get(side) ?? []),
  );
  const figures = [...sides.keys()].flatMap((side) => figuresOf(side, rates));
  for (const [name, daemon] of daemons) {
    figures.push({
      name: `daemon on ${name}: resident after these calls`,
      value: await daemon.residentMb(),
      unit: "MB",
      target: name === "deno" ? DENO_MB : undefined,
    });
  }
  return { benchmark: "runtimes", figures };
}

function figuresOf(side: string, rates: Readonly<Record<string, readonly number[]>>): Figure[] {
  const of = (name: string): number[] => rates[name]?.slice(2) ?? [];
  const beside = (other: string): number =>
    median(compareRounds(of(side), of(other), (ours, theirs) => ours / theirs));
  const figures: Figure[] = [{ name: side, value: median(of(side)) / 1_000, unit: "k/s" }];
  if (side.startsWith("fetch")) return figures;
  const embedded = /^embedded on (\w+)$/.exec(side)?.[1];
  if (embedded !== undefined) {
    figures.push({
      name: `${side}, of its own fetch`,
      value: beside(`fetch of ${embedded}`),
      unit: "×",
      target: embedded === "bun" ? undefined : PART,
    });
  } else {
    figures.push({
      name: `${side}, of Bun's fetch`,
      value: beside("fetch of bun"),
      unit: "×",
      target: side.startsWith("daemon on bun") ? EQUAL : PART,
    });
  }
  return figures;
}
