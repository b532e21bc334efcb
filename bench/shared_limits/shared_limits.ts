/** A rate limit that many runtimes share, simulated: how well it holds, who gets how much, what it costs and what cuts do. */
import type { Figure, Report } from "../lib/report.ts";
import { realStores } from "./real.ts";
import { fairness, type Result, type Scenario, simulate } from "./simulate.ts";

const USUAL = { seed: 1, latencyMs: 0.5, skewMs: 50 };
/** The first seconds, in which all begin at once. */
const SETTLED = 15;

export async function benchSharedLimits(): Promise<Report> {
  const figures: Figure[] = [];
  for (const [members, perSecond] of [[3, 1_000], [100, 5_000], [1_000, 50_000]] as const) {
    const seconds = SETTLED + 30;
    const run = await simulate({ ...USUAL, members, perSecond, seconds });
    const name = (what: string): string =>
      `${members} runtimes, ${perSecond} calls a second: ${what}`;
    const all = run.bySecond.slice(SETTLED);
    const sum = total(all);
    const asks = total(run.asksBySecond.slice(SETTLED, seconds));
    figures.push(
      {
        name: name("let through, of the limit"),
        value: sum / all.length / perSecond,
        unit: "×",
        target: { is: "at most", value: 1.02 },
      },
      {
        name: name("the same, at least"),
        value: sum / all.length / perSecond,
        unit: "×",
        target: { is: "at least", value: 0.98 },
      },
      { name: name("in the busiest second"), value: Math.max(...all) / perSecond, unit: "×" },
      {
        name: name("fairness between them (Jain)"),
        value: fairness(parts(run, SETTLED)),
        unit: "",
        target: { is: "at least", value: 0.95 },
      },
      { name: name("asks of the store a second"), value: asks / all.length, unit: "" },
      {
        name: name("of them refused, another was faster"),
        value: total(run.conflictsBySecond.slice(SETTLED)) / asks,
        unit: "×",
      },
    );
  }
  figures.push(...await cut(), ...await late(), ...await realStores());
  return { benchmark: "shared-limits", figures };
}

const total = (all: readonly number[]): number => all.reduce((one, two) => one + two, 0);

const parts = (run: Result, from: number): number[] =>
  run.byMember.map((seconds) => total(seconds.slice(from)));

/** Half of them have no store for ten seconds. */
async function cut(): Promise<Figure[]> {
  const scenario: Scenario = {
    ...USUAL,
    members: 100,
    perSecond: 5_000,
    seconds: 60,
    cut: { from: 30, to: 40, part: 0.5 },
  };
  const { bySecond } = await simulate(scenario);
  const mean = (from: number, to: number): number =>
    bySecond.slice(from, to).reduce((one, two) => one + two, 0) / (to - from) / scenario.perSecond;
  const name = "100 runtimes, half of them cut off for 10 s: let through, of the limit";
  return [
    { name: `${name}, before`, value: mean(20, 30), unit: "×" },
    // Those that are cut off have their half, the others the whole: nobody can know that they need not share.
    {
      name: `${name}, meanwhile`,
      value: mean(32, 40),
      unit: "×",
      target: { is: "at most", value: 1.55 },
    },
    {
      name: `${name}, after`,
      value: mean(45, 60),
      unit: "×",
      target: { is: "at most", value: 1.02 },
    },
  ];
}

/** Half of them begin later, when the others have everything. */
async function late(): Promise<Figure[]> {
  const from = 15;
  const scenario: Scenario = {
    ...USUAL,
    members: 100,
    perSecond: 5_000,
    seconds: 40,
    late: { from, part: 0.5 },
  };
  const run = await simulate(scenario);
  const fair = scenario.perSecond / 2;
  const second = run.bySecond.findIndex((_, at) => {
    const theirs = run.byMember.slice(0, 50).reduce((sum, seconds) => sum + (seconds[at] ?? 0), 0);
    return at >= from && theirs > fair * 0.95;
  });
  return [{
    name: "50 runtimes come to 50: seconds until they have their part",
    value: second < 0 ? Infinity : second - from + 1,
    unit: "",
    target: { is: "at most", value: 5 },
  }];
}
