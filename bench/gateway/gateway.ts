/** The shape of the public gateway boards: a short chat, asked through each gateway, whole and as a stream. */
import { inFlight, oneAtATime } from "../lib/measure.ts";
import type { Figure, Report, Target } from "../lib/report.ts";
import { compareRounds, interleave } from "../lib/rounds.ts";
import { median } from "../lib/stats.ts";
import { type Gateway, type Side, SIDES, withGateways } from "./sides.ts";

const BODY_BYTES = 256;
const IN_FLIGHT = 64;
const CALLS_A_ROUND = 300;
const MS_A_ROUND = 700;
const FIRST_TOKENS_A_ROUND = 10;
const STREAMS = 512;
const STALL_MS = 200;

const atLeast = (value: number): Target => ({ is: "at least", value });
const atMost = (value: number): Target => ({ is: "at most", value });

function chat(stream: boolean): string {
  const body = { model: "gpt-4o-mini", stream, messages: [{ role: "user", content: "" }] };
  const missing = BODY_BYTES - JSON.stringify(body).length;
  return JSON.stringify({ ...body, messages: [{ role: "user", content: "x".repeat(missing) }] });
}

const WHOLE = chat(false);
const STREAMED = chat(true);

async function drain(body: ReadableStream<Uint8Array>, each = (): void => {}): Promise<void> {
  const reader = body.getReader();
  while (!(await reader.read()).done) each();
}

async function firstToken({ ask }: Gateway): Promise<number> {
  const start = performance.now();
  const reader = (await ask(STREAMED)).getReader();
  await reader.read();
  const first = performance.now() - start;
  await reader.cancel();
  return first;
}

/** The longest that one of many streams kept its reader waiting, in ms. */
async function longestGap({ ask }: Gateway): Promise<number> {
  const one = async (): Promise<number> => {
    let longest = 0;
    const body = await ask(STREAMED);
    let last = performance.now();
    await drain(body, () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    });
    return longest;
  };
  return Math.max(...await Promise.all(Array.from({ length: STREAMS }, one)));
}

interface Round {
  /** µs. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  /** Of the gateway alone, µs a request. */
  readonly cpu: number;
  readonly firstToken: number;
}

async function measure(gateway: Gateway): Promise<Round> {
  const whole = async (): Promise<void> => await drain(await gateway.ask(WHOLE));
  const { p50, p99 } = await oneAtATime(whole, CALLS_A_ROUND);
  const before = await gateway.process?.cpuMs() ?? 0;
  const perSecond = await inFlight(whole, IN_FLIGHT, MS_A_ROUND);
  const cpuMs = (await gateway.process?.cpuMs() ?? 0) - before;
  const tokens = await oneAtATime(() => firstToken(gateway), FIRST_TOKENS_A_ROUND);
  return {
    p50: p50 * 1_000,
    p99: p99 * 1_000,
    perSecond,
    cpu: cpuMs * 1_000 / (perSecond * MS_A_ROUND / 1_000),
    firstToken: tokens.p50,
  };
}

export async function benchGateway(rounds: number): Promise<Report> {
  return await withGateways(async (gateways) => {
    // The first round compiles and connects.
    const all = await interleave(SIDES, rounds + 1, (side) => measure(gateways[side]));
    const gaps: Partial<Record<Side, number>> = {};
    for (const side of SIDES) gaps[side] = await longestGap(gateways[side]);
    const kept = Object.fromEntries(SIDES.map((side) => [side, all[side].slice(1)]));
    const figures = SIDES.flatMap((side) =>
      figuresOf(side, kept as Record<Side, Round[]>, gaps[side] ?? Number.NaN)
    );
    return { benchmark: "gateway", figures };
  });
}

function figuresOf(side: Side, all: Record<Side, Round[]>, gap: number): Figure[] {
  const of = (pick: (round: Round) => number): number => median(all[side].map(pick));
  const beside = (
    other: Side,
    pick: (round: Round) => number,
    how: (ours: number, theirs: number) => number,
  ): number => median(compareRounds(all[side].map(pick), all[other].map(pick), how));
  const minus = (ours: number, theirs: number): number => ours - theirs;
  const through = (ours: number, theirs: number): number => ours / theirs;
  const figures: Figure[] = [
    { name: `${side}: requests`, value: of(({ perSecond }) => perSecond / 1_000), unit: "k/s" },
    { name: `${side}: first token, p50`, value: of((round) => round.firstToken), unit: "ms" },
    {
      name: `${side}: longest gap of ${STREAMS} streams, 20 ms apart`,
      value: gap,
      unit: "ms",
      target: side === "worker" || side === "daemon" ? atMost(STALL_MS) : undefined,
    },
  ];
  if (side === "direct") return figures;
  const added: Figure[] = [
    { name: `${side}: added, p50`, value: beside("direct", ({ p50 }) => p50, minus), unit: "µs" },
    { name: `${side}: added, p99`, value: beside("direct", ({ p99 }) => p99, minus), unit: "µs" },
    { name: `${side}: processor time a request`, value: of(({ cpu }) => cpu), unit: "µs" },
  ];
  if (side === "bare Hono") return [...added, ...figures];
  const isWorker = side === "worker";
  return [
    ...added,
    ...figures,
    {
      name: `${side}: requests, of bare Hono's`,
      value: beside("bare Hono", ({ perSecond }) => perSecond, through),
      unit: "×",
      target: isWorker ? atLeast(0.75) : undefined,
    },
    {
      name: `${side}: processor time, of bare Hono's`,
      value: beside("bare Hono", ({ cpu }) => cpu, through),
      unit: "×",
      target: isWorker ? atMost(1.33) : undefined,
    },
  ];
}
