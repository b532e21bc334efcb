/** Streams whose worker is killed again and again while a daemon keeps them: what is lost or doubled, and the memory it takes. */
import process from "node:process";
import { start } from "../lib/processes.ts";
import type { Figure, Report } from "../lib/report.ts";

const STREAMS = 1_000;
const EVENTS = 100;
const KILLS = 5;
const LIMIT_MS = 120_000;

interface Round {
  readonly lost: number;
  readonly doubled: number;
  readonly calls: number;
  readonly daemonMb: number;
  readonly workerMb: number;
}

export async function benchResume(rounds: number): Promise<Report> {
  process.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] = `${4 * STREAMS}`;
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const args = ["bench/resume/resume_main.ts", ...[STREAMS, EVENTS, KILLS].map(String)];
    const ran = await start(args, /^\{.*\}$/, { timeoutMs: LIMIT_MS });
    all.push(JSON.parse(ran.line) as Round);
    await ran.stop();
  }
  const sum = (of: (round: Round) => number): number =>
    all.reduce((total, one) => total + of(one), 0);
  const most = (of: (round: Round) => number): number => Math.max(...all.map(of));
  const none = { is: "at most", value: 0 } as const;
  const name = `${STREAMS} streams of ${EVENTS} events, the worker killed ${KILLS} times`;
  const figures: Figure[] = [
    { name: `${name}: events lost`, value: sum(({ lost }) => lost), unit: "", target: none },
    {
      name: `${name}: events doubled`,
      value: sum(({ doubled }) => doubled),
      unit: "",
      target: none,
    },
    {
      name: `${name}: calls of the API for each stream`,
      value: sum(({ calls }) => calls) / (rounds * STREAMS),
      unit: "×",
    },
    {
      name: `${name}: daemon, resident at most`,
      value: most(({ daemonMb }) => daemonMb),
      unit: "MB",
    },
    {
      name: `${name}: worker, resident at most`,
      value: most(({ workerMb }) => workerMb),
      unit: "MB",
    },
  ];
  return { benchmark: "resume", figures };
}
