/** Whether errors tell the truth about a call, over 10,000 calls to a failing API while client and daemon are killed. */
import { play, type Scene } from "../tests/conformance/honesty/scene.ts";
import type { Verdict } from "../tests/conformance/honesty/judge.ts";
import type { Figure, Report } from "./lib/report.ts";

/** Each operation makes one call or more. */
const THROUGH_DAEMON = 5_500;
const EMBEDDED = 1_500;

export async function benchHonesty(): Promise<Report> {
  const scenes: readonly Scene[] = [
    {
      operations: THROUGH_DAEMON,
      seed: 1,
      programs: ["bun", "deno", "node"],
      daemon: true,
      daemonKills: 8,
      programKills: 5,
    },
    {
      operations: EMBEDDED,
      seed: 2,
      programs: ["bun", "deno", "node"],
      daemon: false,
      daemonKills: 0,
      programKills: 3,
    },
  ];
  const verdicts: Verdict[] = [];
  for (const scene of scenes) verdicts.push(await play(scene));
  const sum = (count: (verdict: Verdict) => number): number =>
    verdicts.reduce((total, verdict) => total + count(verdict), 0);
  const faults = verdicts.flatMap(({ wrong, doneTwice, repeated, lost }) => [
    ...wrong,
    ...doneTwice,
    ...repeated,
    ...lost,
  ]);
  for (const fault of faults) console.error(fault);
  const none = { is: "at most", value: 0 } as const;
  const kills = sum(({ cutShort }) => cutShort);
  const figures: Figure[] = [
    {
      name: "calls",
      value: sum(({ calls }) => calls),
      unit: "",
      target: { is: "at least", value: 10_000 },
    },
    { name: "calls under way when their program was killed", value: kills, unit: "" },
    { name: "failed, sent no", value: sum(({ failed }) => failed.no), unit: "" },
    { name: "failed, sent maybe", value: sum(({ failed }) => failed.maybe), unit: "" },
    { name: "failed, sent committed", value: sum(({ failed }) => failed.committed), unit: "" },
    { name: "wrong labels", value: sum(({ wrong }) => wrong.length), unit: "", target: none },
    {
      name: "keyed writes done twice",
      value: sum(({ doneTwice }) => doneTwice.length),
      unit: "",
      target: none,
    },
    {
      name: "writes without a key repeated",
      value: sum(({ repeated }) => repeated.length),
      unit: "",
      target: none,
    },
    { name: "operations lost", value: sum(({ lost }) => lost.length), unit: "", target: none },
  ];
  return { benchmark: "honesty", figures };
}
