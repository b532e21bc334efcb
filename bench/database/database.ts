/** PostgreSQL and MariaDB through the daemon beside their drivers alone; a million rows and the memory they take; what sessions hold. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runtime, type RuntimeName, RUNTIMES } from "../../tests/support/runtimes.ts";
import type { Latency } from "../lib/measure.ts";
import { start, type Started } from "../lib/processes.ts";
import type { Figure, Report, Target } from "../lib/report.ts";
import { interleave } from "../lib/rounds.ts";
import { median } from "../lib/stats.ts";
import { openServers, type Server } from "./servers.ts";

const SIDES = ["driver", "daemon", "driver-session", "daemon-session"] as const;
const CALLS = 1_000;
const ROWS = 1_000_000;
const WRITES = 200;
const PROGRAMS = 8;

export async function benchDatabase(rounds: number): Promise<Report> {
  const servers = await openServers();
  const figures: Figure[] = [];
  try {
    for (const server of servers) {
      for (const figure of await measure(server, rounds)) {
        figures.push({ ...figure, name: `${server.name}, ${figure.name}` });
      }
    }
  } finally {
    await Promise.all(servers.map((server) => server.drop()));
  }
  return { benchmark: "database", figures };
}

async function measure(server: Server, rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "vastar-bench-"));
  const socket = `unix:${join(folder, "d.sock")}`;
  const started: Started[] = [];
  try {
    const allow = ["--allow", `127.0.0.1:${server.port}`];
    const daemonOn = async (name: RuntimeName, address: string): Promise<Started> => {
      const { path: program, script } = runtime(name);
      const args = script("cli/main.ts", "runtime", "--listen", address, ...allow);
      const one = await start(args, /ready/i, { program, timeoutMs: 30_000 });
      started.push(one);
      return one;
    };
    const program = async (address = socket): Promise<Started> => {
      const main = "bench/database/program_main.ts";
      const one = await start([main, address, server.url, server.table], /ready/);
      started.push(one);
      return one;
    };
    const daemon = await daemonOn("bun", socket);
    const first = await program();
    for (const side of SIDES) await asked(first, side, CALLS);
    const times = await interleave(SIDES, rounds, (side) => asked<Latency>(first, side, CALLS));
    const stream = await streamed(daemon, await program());
    const { passed } = await asked<{ passed: number }>(first, "writes", WRITES);
    const others = await Promise.all(Array.from({ length: PROGRAMS - 1 }, () => program()));
    const connections = await shared(server, [first, ...others]);
    const elsewhere: Figure[] = [];
    for (const name of RUNTIMES) {
      if (name === "bun" || runtime(name).missing !== undefined) continue;
      const address = `unix:${join(folder, `${name}.sock`)}`;
      const { daemonMb } = await streamed(await daemonOn(name, address), await program(address));
      elsewhere.push({
        name: `1,000,000 rows streamed: a daemon on ${name} above idle, at most`,
        value: daemonMb,
        unit: "MB",
        target: atMost(40),
      });
    }
    return [
      ...latencies(times),
      { name: "1,000,000 rows streamed: rows that came", value: stream.lines, unit: "" },
      {
        name: "1,000,000 rows streamed: the daemon above idle, at most",
        value: stream.daemonMb,
        unit: "MB",
        target: atMost(40),
      },
      {
        name: "1,000,000 rows streamed: the program above idle, at most",
        value: stream.programMb,
        unit: "MB",
        target: atMost(40),
      },
      ...elsewhere,
      { name: "1,000,000 rows streamed: time", value: stream.ms, unit: "ms" },
      {
        name: `${WRITES} writes in a session that reads: passed`,
        value: passed,
        unit: "",
        target: atMost(0),
      },
      {
        name: `${PROGRAMS} programs at once: connections of the server`,
        value: connections,
        unit: "",
        target: atMost(4),
      },
    ];
  } finally {
    await Promise.all(started.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const atMost = (value: number): Target => ({ is: "at most", value });

const ADDED: Target = {
  ...atMost(80),
  missed:
    "one process more takes part. A frame to the daemon and back, with nothing done in between (`bench ipc`), is a third of " +
    "it; the engine's chain and the reading of the call take 15 µs; the rest is what the driver's answer costs until it is " +
    "JSON, and the client. Per call the driver and the daemon each send the server one message, and read one",
};

async function asked<T>(one: Started, what: string, count: number): Promise<T> {
  return JSON.parse(await one.ask(`${what} ${count}`)) as T;
}

function latencies(times: Readonly<Record<typeof SIDES[number], readonly Latency[]>>): Figure[] {
  const p50 = (side: typeof SIDES[number]): number =>
    1_000 * median(times[side].map((one) => one.p50));
  const added = (ours: typeof SIDES[number], theirs: typeof SIDES[number]): number =>
    1_000 * median(times[ours].map((one, round) => one.p50 - (times[theirs][round]?.p50 ?? NaN)));
  return [
    { name: "one row, p50, the driver alone", value: p50("driver"), unit: "µs" },
    { name: "one row, p50, through the daemon", value: p50("daemon"), unit: "µs" },
    {
      name: "one row, p50, added to the driver",
      value: added("daemon", "driver"),
      unit: "µs",
      target: ADDED,
    },
    {
      name: "one row in a session that reads, p50, the driver alone",
      value: p50("driver-session"),
      unit: "µs",
    },
    {
      name: "one row in a session that reads, p50, added to the driver",
      value: added("daemon-session", "driver-session"),
      unit: "µs",
      target: ADDED,
    },
  ];
}

async function streamed(daemon: Started, program: Started) {
  // Both have done the same with a few rows, and are idle with what that takes.
  await program.ask("rows 20000");
  const idle = await daemon.residentMb();
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      most = Math.max(most, await daemon.residentMb());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  const began = performance.now();
  const { lines, addedMb } = await asked<{ lines: number; addedMb: number }>(program, "rows", ROWS);
  over = true;
  await watching;
  return { lines, programMb: addedMb, daemonMb: most - idle, ms: performance.now() - began };
}

/** The most connections that the daemon had while all programs called at once. */
async function shared(server: Server, programs: readonly Started[]): Promise<number> {
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) most = Math.max(most, await server.connections());
  })();
  await Promise.all(programs.map((one) => one.ask(`daemon ${CALLS}`)));
  over = true;
  await watching;
  return most;
}
