/** A 74-byte GET and a stream: this process calling `fetch` itself, and through every way to reach a runtime. */
import { inFlight, type Latency, oneAtATime } from "./lib/measure.ts";
import type { Figure, Report, Target } from "./lib/report.ts";
import { compareRounds, interleave } from "./lib/rounds.ts";
import { ADDRESSES, type AddressName, type BenchStage, withStage } from "./lib/stage.ts";
import { median } from "./lib/stats.ts";

const SIDES = ["direct", ...ADDRESSES] as const;
type Side = (typeof SIDES)[number];

const IN_FLIGHT = 64;
const CALLS_A_ROUND = 400;
const STREAMS_A_ROUND = 60;
const MS_A_ROUND = 700;

interface Targets {
  readonly added?: Target;
  readonly addedP99?: Target;
  readonly ratio?: Target;
  readonly firstByte?: Target;
  readonly firstByteP99?: Target;
  readonly rate?: Target;
}

const SYSTEM =
  "nearly half of what is left of a call is the system's work for writing its request, which `fetch` does on a thread of " +
  "its own, beside the program. Tried: answers worked on together once all sockets are read (kept: a fifth less processor " +
  "time), requests written together at the end of a turn (nothing)";
const TWO_MORE =
  "a call wakes two more processes, and three share two cores. Tried: all frames of a turn in one write (kept), frames " +
  "written by a builder of our own (kept: a tenth less processor time), no promise between a frame and its request (kept). " +
  "Counted in the daemon: 1.03 writes, 1.02 reads and 0.06 polls a call, of which the request to the API and its answer " +
  "are one each, so that there is nothing left to put together";

/** Overhead over a direct call, or a fraction of its throughput. */
const TARGETS: Partial<Record<AddressName, Targets>> = {
  embedded: { ratio: { is: "at least", value: 1.3, missed: SYSTEM } },
  unix: {
    added: { is: "at most", value: 45, missed: TWO_MORE },
    addedP99: { is: "at most", value: 150, missed: TWO_MORE },
    ratio: { is: "at least", value: 0.95, missed: TWO_MORE },
    firstByte: { is: "at most", value: 0.1, missed: TWO_MORE },
    firstByteP99: { is: "at most", value: 0.3, missed: TWO_MORE },
    // Six times what the existing daemon does on one connection.
    rate: { is: "at least", value: 36, missed: TWO_MORE },
  },
};

interface Operations {
  get(): Promise<void>;
  /** Milliseconds from the call to the first byte of the body; reads the rest. */
  firstByte(): Promise<number>;
}

async function readFirst(start: number, body: ReadableStream<Uint8Array>): Promise<number> {
  const reader = body.getReader();
  let { done } = await reader.read();
  const first = performance.now() - start;
  if (done) throw new Error("the stream was empty");
  while (!done) ({ done } = await reader.read());
  return first;
}

function operationsOf(side: Side, { upstream, clients }: BenchStage): Operations {
  const small = `${upstream}/small`;
  const stream = `${upstream}/stream`;
  if (side === "direct") {
    return {
      async get() {
        await (await fetch(small)).arrayBuffer();
      },
      async firstByte() {
        const start = performance.now();
        const { body } = await fetch(stream);
        if (body === null) throw new Error("no body");
        return await readFirst(start, body);
      },
    };
  }
  const client = clients[side];
  return {
    async get() {
      await client.executeHTTP({ url: small });
    },
    async firstByte() {
      const start = performance.now();
      const { body } = await client.streamHTTP({ url: stream });
      return await readFirst(start, body);
    },
  };
}

interface Round {
  readonly single: Latency;
  readonly perSecond: number;
  /** Processor time of all three processes per call, 64 in flight, in ms. */
  readonly cpu: number;
  readonly firstByte: Latency;
}

export async function benchHttp(rounds: number): Promise<Report> {
  const results = await withStage(async (stage) => {
    const operations = Object.fromEntries(
      SIDES.map((side) => [side, operationsOf(side, stage)]),
    ) as Record<Side, Operations>;
    const measure = async (side: Side): Promise<Round> => {
      const { get, firstByte } = operations[side];
      const single = await oneAtATime(get, CALLS_A_ROUND);
      const before = await stage.cpuMs();
      const perSecond = await inFlight(get, IN_FLIGHT, MS_A_ROUND);
      const calls = (perSecond * MS_A_ROUND) / 1000;
      return {
        single,
        perSecond,
        cpu: (await stage.cpuMs() - before) / calls,
        firstByte: await oneAtATime(firstByte, STREAMS_A_ROUND),
      };
    };
    // The first round compiles and connects; it is measured like the others and discarded.
    const all = await interleave(SIDES, rounds + 1, measure);
    return Object.fromEntries(SIDES.map((side) => [side, all[side].slice(1)])) as Record<
      Side,
      Round[]
    >;
  });
  return { benchmark: "http", figures: SIDES.flatMap((side) => figuresOf(side, results)) };
}

function figuresOf(side: Side, results: Record<Side, Round[]>): Figure[] {
  const rounds = results[side];
  const of = (pick: (round: Round) => number): number => median(rounds.map(pick));
  const target = side === "direct" ? undefined : TARGETS[side];
  const figures: Figure[] = [
    {
      name: `GET, one at a time, p50, ${side}`,
      value: of(({ single }) => single.p50 * 1000),
      unit: "µs",
    },
    {
      name: `GET, one at a time, p99, ${side}`,
      value: of(({ single }) => single.p99 * 1000),
      unit: "µs",
    },
    {
      name: `GET, ${IN_FLIGHT} in flight, ${side}`,
      value: of(({ perSecond }) => perSecond / 1000),
      unit: "k/s",
      target: target?.rate,
    },
    {
      name: `processor time of all processes a GET, ${side}`,
      value: of(({ cpu }) => cpu * 1000),
      unit: "µs",
    },
    {
      name: `first streamed byte, p50, ${side}`,
      value: of(({ firstByte }) => firstByte.p50),
      unit: "ms",
    },
  ];
  if (side === "direct") return figures;
  const against = (
    pick: (round: Round) => number,
    how: (ours: number, direct: number) => number,
  ): number => median(compareRounds(rounds.map(pick), results.direct.map(pick), how));
  const minus = (ours: number, direct: number): number => ours - direct;
  return [
    ...figures,
    {
      name: `added to a direct GET, p50, ${side}`,
      value: against(({ single }) => single.p50 * 1000, minus),
      unit: "µs",
      target: target?.added,
    },
    {
      name: `added to a direct GET, p99, ${side}`,
      value: against(({ single }) => single.p99 * 1000, minus),
      unit: "µs",
      target: target?.addedP99,
    },
    {
      name: `part of direct fetch's throughput, ${side}`,
      value: against(({ perSecond }) => perSecond, (ours, direct) => ours / direct),
      unit: "×",
      target: target?.ratio,
    },
    {
      name: `added to the first streamed byte, p50, ${side}`,
      value: against(({ firstByte }) => firstByte.p50, minus),
      unit: "ms",
      target: target?.firstByte,
    },
    {
      name: `added to the first streamed byte, p99, ${side}`,
      value: against(({ firstByte }) => firstByte.p99, minus),
      unit: "ms",
      target: target?.firstByteP99,
    },
  ];
}
