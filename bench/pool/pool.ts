/**
 * Calls through a pool beside the same through a Unix socket: latency, throughput, and what they cost in processor time. How a pool grows
 * is its cost at the same load for each member: with as many processes as here on two cores, throughput would only show the cores.
 */
import { play } from "../../tests/e2e/pool/scene.ts";
import { namespacesMissing, playMachines } from "../../tests/e2e/pool/machines.ts";
import { inFlight, type Latency, oneAtATime } from "../lib/measure.ts";
import type { Figure, Report } from "../lib/report.ts";
import { interleave } from "../lib/rounds.ts";
import { median } from "../lib/stats.ts";
import { connectionEach } from "./each.ts";
import { type PoolStage, type Side, SIDES, type Used, withPools } from "./stage.ts";

const IN_FLIGHT = 64;
const CALLS_A_ROUND = 1_000;
const MS_A_ROUND = 1_500;
/** Calls a second for each member. */
const RATE = 2_000;
const RATE_MS = 2_000;
const WARM_MS = 8_000;
const KINDS = [...SIDES, "each"] as const;
type Kind = (typeof KINDS)[number];

interface Round {
  readonly single: Latency;
  readonly perSecond: number;
  /** µs of processor time a call. */
  readonly cost: Used;
}

export async function benchPool(rounds: number): Promise<Report> {
  const figures = await withPools((stage) => measure(stage, rounds));
  return { benchmark: "pool", figures: [...figures, ...await honesty(), ...await machines()] };
}

async function measure(stage: PoolStage, rounds: number): Promise<Figure[]> {
  const url = `${stage.upstream}/json`;
  const each = await connectionEach(stage.pool);
  // Every member compiles its own code.
  await inFlight(() => stage.clients.one.executeHTTP({ url }), IN_FLIGHT, WARM_MS / 2);
  await inFlight(() => stage.clients.four.executeHTTP({ url }), IN_FLIGHT * 4, WARM_MS);
  const steady = await interleave(["one", "four"], rounds, async (side) => {
    const before = await stage.used(side);
    const calls = await atRate(
      () => stage.clients[side].executeHTTP({ url }),
      side === "one" ? RATE : RATE * 4,
    );
    return ((await stage.used(side)).members - before.members) * 1_000 / calls;
  });
  const results = await interleave(KINDS, rounds + 1, async (kind): Promise<Round> => {
    const side: Side = kind === "each" ? "one" : kind;
    const call = kind === "each"
      ? () => each.get(url)
      : async () => void await stage.clients[side].executeHTTP({ url });
    const single = await oneAtATime(call, CALLS_A_ROUND);
    const before = await stage.used(side);
    let calls = 0;
    const counted = async () => {
      await call();
      calls++;
    };
    const perSecond = await inFlight(counted, IN_FLIGHT, MS_A_ROUND);
    const after = await stage.used(side);
    const cost = (part: keyof Used) => (after[part] - before[part]) * 1_000 / calls;
    return {
      single,
      perSecond,
      cost: { caller: cost("caller"), members: cost("members"), server: cost("server") },
    };
  });
  await each.close();
  const of = (kind: Kind, pick: (round: Round) => number): number =>
    median(results[kind].slice(1).map(pick));
  const p50 = (kind: Kind) => of(kind, ({ single }) => single.p50 * 1000);
  return [
    ...KINDS.map((kind): Figure => ({
      name: `GET, one at a time, p50, ${NAMES[kind]}`,
      value: p50(kind),
      unit: "µs",
    })),
    { name: "added by a pool of one member, p50", value: p50("one") - p50("unix"), unit: "µs" },
    ...KINDS.map((kind): Figure => ({
      name: `GET, ${IN_FLIGHT} in flight, ${NAMES[kind]}`,
      value: of(kind, ({ perSecond }) => perSecond / 1000),
      unit: "k/s",
    })),
    ...KINDS.flatMap((kind): Figure[] =>
      (["caller", "members", "server"] as const)
        .filter((part) => kind !== "unix" || part !== "server")
        .map((part) => ({
          name: `processor time a call, ${NAMES[kind]}: ${PARTS[part]}`,
          value: of(kind, ({ cost }) => cost[part]),
          unit: "µs",
        }))
    ),
    ...(["one", "four"] as const).map((side): Figure => ({
      name: `processor time a call at ${RATE} a second and member, ${NAMES[side]}: members`,
      value: median(steady[side]),
      unit: "µs",
    })),
    {
      name: "efficiency from 1 member to 4, of that",
      value: median(steady.one) / median(steady.four),
      unit: "×",
      target: { is: "at least", value: 0.9 },
    },
  ];
}

/** Returns the number of calls made. */
async function atRate(call: () => Promise<unknown>, perSecond: number): Promise<number> {
  const open: Promise<unknown>[] = [];
  const start = performance.now();
  for (let past = 0; past < RATE_MS; past = performance.now() - start) {
    while (open.length < past * perSecond / 1_000) open.push(call());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await Promise.all(open);
  return open.length;
}

const NAMES: Readonly<Record<Kind, string>> = {
  unix: "unix",
  one: "pool of 1",
  four: "pool of 4",
  each: "a connection for each call",
};
const PARTS: Readonly<Record<keyof Used, string>> = {
  caller: "caller",
  members: "members",
  server: "NATS",
};

/** Calls while members are killed, cut off, stopped and slow, the server restarts, and every message comes twice. */
async function honesty(): Promise<Figure[]> {
  const scene = { kills: 4, cuts: 1, serverRestarts: 3, drains: 4, pauses: 3 };
  const none = { is: "at most", value: 0 } as const;
  const verdict = await play({ operations: 3_000, seed: 1, ...scene });
  const { calls, failed, wrong, doneTwice, repeated, lost } = verdict;
  for (const fault of [...wrong, ...doneTwice, ...repeated, ...lost]) console.error(fault);
  return [
    { name: "calls while everything breaks", value: calls, unit: "" },
    { name: "failed: sent no", value: failed.no, unit: "" },
    { name: "failed: sent maybe", value: failed.maybe, unit: "" },
    { name: "failed: sent committed", value: failed.committed, unit: "" },
    { name: "wrong labels", value: wrong.length, unit: "", target: none },
    {
      name: "writes done twice",
      value: doneTwice.length + repeated.length,
      unit: "",
      target: none,
    },
    { name: "operations lost", value: lost.length, unit: "", target: none },
  ];
}

/** A worker in one network namespace, two members in another, of which one is killed; needs root. */
async function machines(): Promise<Figure[]> {
  if (namespacesMissing !== undefined) return [];
  const { calls, right, twice, wrong, ofLimit } = await playMachines("bun", 3_000);
  for (const fault of [...twice, ...wrong]) console.error(fault);
  const none = { is: "at most", value: 0 } as const;
  return [
    { name: "two machines: calls", value: calls, unit: "" },
    { name: "two machines: failed, labelled", value: calls - right, unit: "" },
    { name: "two machines: done twice", value: twice.length, unit: "", target: none },
    { name: "two machines: wrong labels", value: wrong.length, unit: "", target: none },
    {
      name: "two machines: let through, of the limit",
      value: ofLimit,
      unit: "×",
      target: { is: "at most", value: 1.02 },
    },
  ];
}
