/**
 * Two checkouts in turns: `bun run bench --against COMMIT`. Each has a daemon and callers of its own; they share one upstream. What
 * is compared is processor time over a fixed number of calls, which other work on the machine hardly changes.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout, ROOT } from "./lib/checkouts.ts";
import { start, type Started } from "./lib/processes.ts";
import { interleave } from "./lib/rounds.ts";
import { median } from "./lib/stats.ts";
import { table } from "./lib/table.ts";
import type { Took, Work } from "./shared/side_main.ts";

const SIDES = ["before", "after"] as const;
type Side = (typeof SIDES)[number];
type Place = "embedded" | "unix";

interface Scenario extends Omit<Work, "url"> {
  readonly name: string;
  readonly place: Place;
  readonly path: string;
}

const GET = { kind: "get", path: "/small" } as const;
const SCENARIOS: readonly Scenario[] = [
  { ...GET, name: "embedded, 64 in flight", place: "embedded", calls: 12_000, inFlight: 64 },
  { ...GET, name: "embedded, one at a time", place: "embedded", calls: 2_000, inFlight: 1 },
  { ...GET, name: "unix, 64 in flight", place: "unix", calls: 12_000, inFlight: 64 },
  { ...GET, name: "unix, one at a time", place: "unix", calls: 2_000, inFlight: 1 },
  {
    kind: "stream",
    path: "/stream",
    name: "unix, streams of two events",
    place: "unix",
    calls: 1_500,
    inFlight: 64,
  },
];

interface Party {
  readonly daemon: Started;
  readonly callers: Readonly<Record<Place, Started>>;
}

/** Of one round, in µs per call. */
interface Sample {
  readonly caller: number;
  readonly daemon: number;
  readonly upstream: number;
  readonly p50: number;
}

/** Prints what each scenario costs on both sides. */
export async function compareWith(commit: string, rounds: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const other = stack.use(await checkout(commit));
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const upstream = await start([join(ROOT, "bench/upstream_main.ts")], /upstream ready/);
  stack.defer(() => upstream.stop());
  const host = `127.0.0.1:${upstream.line.split(" ").at(-1)}`;

  async function party(side: Side, where: string): Promise<Party> {
    const address = `unix:${join(folder, `${side}.sock`)}`;
    const flags = ["runtime", "--listen", address, "--allow", host];
    const daemon = await start([join(where, "cli/main.ts"), ...flags], /ready/i);
    stack.defer(() => daemon.stop());
    const caller = async (to: string): Promise<Started> => {
      const args = [join(ROOT, "bench/shared/side_main.ts"), where, to, host];
      const started = await start(args, /side ready/);
      stack.defer(() => started.stop());
      return started;
    };
    const callers = { embedded: await caller("embedded:"), unix: await caller(address) };
    return { daemon, callers };
  }

  const parties: Readonly<Record<Side, Party>> = {
    before: await party("before", other.folder),
    after: await party("after", ROOT),
  };

  async function measure(side: Side, scenario: Scenario): Promise<Sample> {
    const { daemon, callers } = parties[side];
    const { kind, path, calls, inFlight, place } = scenario;
    const work: Work = { kind, url: `http://${host}${path}`, calls, inFlight };
    const before = [await daemon.cpuMs(), await upstream.cpuMs()] as const;
    const took = JSON.parse(await callers[place].ask(JSON.stringify(work))) as Took;
    const after = [await daemon.cpuMs(), await upstream.cpuMs()] as const;
    return {
      caller: took.cpuMs * 1_000 / calls,
      daemon: (after[0] - before[0]) * 1_000 / calls,
      upstream: (after[1] - before[1]) * 1_000 / calls,
      p50: took.p50 * 1_000,
    };
  }

  const rows: string[][] = [];
  for (const scenario of SCENARIOS) {
    const all = await interleave(SIDES, rounds + 1, (side) => measure(side, scenario));
    rows.push(...rowsOf(scenario, all));
  }
  const head = ["processor time a call, µs", other.name, "here", "here / before"];
  console.log(table([head, ...rows]));
}

function rowsOf({ name, place, inFlight }: Scenario, all: Record<Side, Sample[]>): string[][] {
  const row = (what: string, pick: (sample: Sample) => number): string[] => {
    // The first round compiles and connects.
    const [before, after] = SIDES.map((side) => all[side].slice(1).map(pick));
    const ratios = after?.map((value, round) => value / (before?.[round] ?? Number.NaN)) ?? [];
    const [a, b] = [median(before ?? []), median(after ?? [])];
    return [`${name}: ${what}`, a.toFixed(1), b.toFixed(1), median(ratios).toFixed(2)];
  };
  return [
    row("caller", ({ caller }) => caller),
    ...place === "unix" ? [row("daemon", ({ daemon }) => daemon)] : [],
    row("upstream", ({ upstream }) => upstream),
    row("all", ({ caller, daemon, upstream }) => caller + daemon + upstream),
    ...inFlight === 1 ? [row("p50 by the clock", ({ p50 }) => p50)] : [],
  ];
}
