/** Frames echoed between two processes, as health checks need no work; and the daemon's memory. */
import { inFlight, type Latency, oneAtATime } from "./lib/measure.ts";
import type { Figure, Report, Target } from "./lib/report.ts";
import { interleave } from "./lib/rounds.ts";
import { withStage } from "./lib/stage.ts";
import { median } from "./lib/stats.ts";

const SIDES = ["unix", "tcp"] as const;
type Side = (typeof SIDES)[number];

const IN_FLIGHT = 64;
const CHECKS_A_ROUND = 2000;
const MS_A_ROUND = 700;
const ECHOES: Target = { is: "at least", value: 250 };
const IDLE: Target = {
  is: "at most",
  value: 40,
  missed:
    "two thirds are pages of Bun's own executable (what it has touched to start is 24 MB in a program that does " +
    "nothing, 31 MB with the modules for compression, hashes, sockets and TLS), which all of its processes share. " +
    "Tried: the executable, in parts that are loaded when needed (2 MB less), no JIT at all (3 to 5 MB less, and far slower), " +
    "`--smol`, fewer threads of the collector and a collection after the start (nothing)",
};

interface Round {
  readonly single: Latency;
  readonly perSecond: number;
}

export async function benchIpc(rounds: number): Promise<Report> {
  return await withStage(async ({ clients, daemon }) => {
    const idle = await daemon.residentMb();
    const own = await daemon.ownMb();
    const results = await interleave(SIDES, rounds + 1, async (side): Promise<Round> => {
      const check = async (): Promise<void> => {
        await clients[side].health();
      };
      return {
        single: await oneAtATime(check, CHECKS_A_ROUND),
        perSecond: await inFlight(check, IN_FLIGHT, MS_A_ROUND),
      };
    });
    const figures = SIDES.flatMap((side): Figure[] => figuresOf(side, results[side].slice(1)));
    return {
      benchmark: "ipc",
      figures: [...figures, {
        name: "daemon, idle, resident",
        value: idle,
        unit: "MB",
        target: IDLE,
      }, { name: "daemon, idle, of that its own", value: own, unit: "MB" }],
    };
  });
}

function figuresOf(side: Side, rounds: readonly Round[]): Figure[] {
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const echoes: Figure = {
    name: `health, ${IN_FLIGHT} in flight, ${side}`,
    value: of(({ perSecond }) => perSecond / 1000),
    unit: "k/s",
  };
  return [
    {
      name: `health, one at a time, p50, ${side}`,
      value: of(({ single }) => single.p50 * 1000),
      unit: "µs",
    },
    {
      name: `health, one at a time, p99, ${side}`,
      value: of(({ single }) => single.p99 * 1000),
      unit: "µs",
    },
    side === "unix" ? { ...echoes, target: ECHOES } : echoes,
  ];
}
