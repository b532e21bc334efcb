/**
 * What telemetry costs as long as no SDK is registered: the same calls with its hooks and with none. Processes differ by a few
 * hundredths all by themselves, so that each round starts new ones, and two of the same kind say what is noise.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { telemetry } from "../../src/telemetry/mod.ts";
import { ROOT } from "../lib/checkouts.ts";
import { start, type Started } from "../lib/processes.ts";
import type { Figure, Report } from "../lib/report.ts";
import { interleave } from "../lib/rounds.ts";
import { median, percentile } from "../lib/stats.ts";
import type { Took, Work } from "../shared/side_main.ts";

const SIDES = ["hooks", "none", "hooks again"] as const;
type Side = (typeof SIDES)[number];

const PLACES = ["embedded", "unix"] as const;
type Place = (typeof PLACES)[number];

const IN_FLIGHT = 64;
/** Until code is compiled. */
const WARM_UP = 15_000;
/** Short, so that other work on the machine meets all sides alike. */
const CALLS = 1_500;
const TURNS = 20;
const LOOKS = 5_000_000;

/** Makes calls; processor time of caller and daemon, in ms. */
type Make = (calls: number) => Promise<number>;

async function begin(
  side: Side,
  place: Place,
  host: string,
  stack: AsyncDisposableStack,
): Promise<Make> {
  const preload = side === "none" ? ["--preload", "./bench/telemetry/without.ts"] : [];
  const run = async (args: readonly string[], ready: RegExp): Promise<Started> => {
    const started = await start([...preload, ...args], ready);
    stack.defer(() => started.stop());
    return started;
  };
  let address = "embedded:";
  let daemon: Started | undefined;
  if (place === "unix") {
    const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    address = `unix:${join(folder, "runtime.sock")}`;
    daemon = await run(["cli/main.ts", "runtime", "--listen", address, "--allow", host], /ready/i);
  }
  const caller = await run(["bench/shared/side_main.ts", ROOT, address, host], /side ready/);
  return async (calls) => {
    const work: Work = { kind: "get", url: `http://${host}/small`, calls, inFlight: IN_FLIGHT };
    const before = await daemon?.cpuMs() ?? 0;
    const { cpuMs } = JSON.parse(await caller.ask(JSON.stringify(work))) as Took;
    return cpuMs + (await daemon?.cpuMs() ?? 0) - before;
  };
}

/** A call's processor time, in µs. */
async function roundOf(place: Place, host: string, round: number): Promise<Record<Side, number>> {
  await using stack = new AsyncDisposableStack();
  const sides = {} as Record<Side, Make>;
  // None always comes first.
  for (let turn = 0; turn < SIDES.length; turn++) {
    const side = SIDES[(turn + round) % SIDES.length] ?? "none";
    sides[side] = await begin(side, place, host, stack);
    await sides[side](WARM_UP);
  }
  const took = await interleave(SIDES, TURNS, (side) => sides[side](CALLS));
  const us = (side: Side): number =>
    took[side].reduce((sum, ms) => sum + ms) * 1_000 /
    (TURNS * CALLS);
  return { hooks: us("hooks"), none: us("none"), "hooks again": us("hooks again") };
}

/** Of one look for an SDK, in ns. */
function lookNs(): number {
  let found = 0;
  const begin = performance.now();
  for (let look = 0; look < LOOKS; look++) if (telemetry() !== undefined) found++;
  if (found > 0) throw new Error("an SDK is registered");
  return (performance.now() - begin) * 1e6 / LOOKS;
}

function ratiosOf(what: string, ratios: readonly number[], target?: Figure["target"]): Figure[] {
  return [
    { name: what, value: median(ratios), unit: "×", target },
    { name: `${what}: lower quartile`, value: percentile(ratios, 25), unit: "×" },
    { name: `${what}: upper quartile`, value: percentile(ratios, 75), unit: "×" },
  ];
}

export async function benchTelemetry(rounds: number): Promise<Report> {
  lookNs();
  const looks = Array.from({ length: rounds }, lookNs);
  const figures: Figure[] = [{
    name:
      "a look for an SDK, of which a call takes one on each side of a runtime and one an attempt",
    value: median(looks),
    unit: "ns",
  }];
  const upstream = await start(["bench/upstream_main.ts"], /upstream ready/);
  try {
    const host = `127.0.0.1:${upstream.line.split(" ").at(-1)}`;
    for (const place of PLACES) {
      const took: Record<Side, number>[] = [];
      for (let round = 0; round < rounds; round++) took.push(await roundOf(place, host, round));
      const ratio = (other: Side): number[] => took.map((us) => us.hooks / us[other]);
      const what = `processor time a GET, ${IN_FLIGHT} in flight, ${place}`;
      figures.push(
        { name: `${what}, without hooks`, value: median(took.map(({ none }) => none)), unit: "µs" },
        ...ratiosOf(`${what}, with hooks / without`, ratio("none")),
        ...ratiosOf(`${what}, with hooks / the same again`, ratio("hooks again")),
      );
    }
  } finally {
    await upstream.stop();
  }
  return { benchmark: "telemetry", figures };
}
