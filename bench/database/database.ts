/** PostgreSQL through the daemon beside the driver alone; a million rows and the memory they take; what sessions hold. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { ownName, POSTGRES_PORT, postgresUrl, serverOn } from "../../tests/support/databases.ts";
import type { Latency } from "../lib/measure.ts";
import { start, type Started } from "../lib/processes.ts";
import type { Figure, Report } from "../lib/report.ts";
import { interleave } from "../lib/rounds.ts";
import { median } from "../lib/stats.ts";

const SIDES = ["driver", "daemon", "driver-session", "daemon-session"] as const;
const CALLS = 1_000;
const ROWS = 1_000_000;
const WRITES = 200;
const PROGRAMS = 8;

export async function benchDatabase(rounds: number): Promise<Report> {
  const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");
  if (missing !== undefined) {
    console.error(`database is left out: ${missing}`);
    return { benchmark: "database", figures: [] };
  }
  // A database of its own, so that its connections can be counted.
  const name = ownName("bench");
  const admin = postgres(postgresUrl(), { max: 1 });
  await admin.unsafe(`create database ${name}`);
  try {
    return { benchmark: "database", figures: await measure(admin, name, rounds) };
  } finally {
    await admin.unsafe(`drop database ${name} with (force)`);
    await admin.end();
  }
}

async function measure(admin: postgres.Sql, name: string, rounds: number): Promise<Figure[]> {
  const url = postgresUrl(POSTGRES_PORT, name);
  const folder = mkdtempSync(join(tmpdir(), "vastar-bench-"));
  const socket = `unix:${join(folder, "d.sock")}`;
  const own = postgres(url, { max: 1 });
  const table = "written";
  await own.unsafe(`create table ${table} (n int)`);
  await own.end();
  const started: Started[] = [];
  try {
    const allow = ["--allow", `127.0.0.1:${POSTGRES_PORT}`];
    const daemon = await start(["cli/main.ts", "runtime", "--listen", socket, ...allow], /ready/i);
    started.push(daemon);
    const program = async (): Promise<Started> => {
      const one = await start(["bench/database/database_main.ts", socket, url, table], /ready/);
      started.push(one);
      return one;
    };
    const first = await program();
    const asked = async <T>(one: Started, what: string, count: number): Promise<T> =>
      JSON.parse(await one.ask(`${what} ${count}`)) as T;
    for (const side of SIDES) await asked(first, side, CALLS);
    const times = await interleave(
      SIDES,
      rounds,
      (side) => asked<Latency>(first, side, CALLS),
    );
    const p50 = (side: typeof SIDES[number]): number =>
      1_000 * median(times[side].map((one) => one.p50));
    const added = (ours: typeof SIDES[number], theirs: typeof SIDES[number]): number =>
      1_000 * median(times[ours].map((one, round) => one.p50 - (times[theirs][round]?.p50 ?? NaN)));

    const stream = await streamed(daemon, await program());
    const { passed } = await asked<{ passed: number }>(first, "writes", WRITES);
    const connections = await shared(admin, name, [
      first,
      ...await Promise.all(Array.from({ length: PROGRAMS - 1 }, program)),
    ]);
    return [
      { name: "one row, p50, the driver alone", value: p50("driver"), unit: "µs" },
      { name: "one row, p50, through the daemon", value: p50("daemon"), unit: "µs" },
      {
        name: "one row, p50, added to the driver",
        value: added("daemon", "driver"),
        unit: "µs",
        target: { is: "at most", value: 80 },
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
        target: { is: "at most", value: 80 },
      },
      { name: "1,000,000 rows streamed: rows that came", value: stream.lines, unit: "" },
      {
        name: "1,000,000 rows streamed: the daemon above idle, at most",
        value: stream.daemonMb,
        unit: "MB",
        target: { is: "at most", value: 40 },
      },
      {
        name: "1,000,000 rows streamed: the program above idle, at most",
        value: stream.programMb,
        unit: "MB",
        target: { is: "at most", value: 40 },
      },
      { name: "1,000,000 rows streamed: time", value: stream.ms, unit: "ms" },
      {
        name: `${WRITES} writes in a session that reads: passed`,
        value: passed,
        unit: "",
        target: { is: "at most", value: 0 },
      },
      {
        name: `${PROGRAMS} programs at once: connections of the server`,
        value: connections,
        unit: "",
        target: { is: "at most", value: 4 },
      },
    ];
  } finally {
    await Promise.all(started.map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
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
  const { lines, addedMb } = JSON.parse(await program.ask(`rows ${ROWS}`)) as {
    lines: number;
    addedMb: number;
  };
  over = true;
  await watching;
  return { lines, programMb: addedMb, daemonMb: most - idle, ms: performance.now() - began };
}

/** The most connections that the daemon had while all programs called at once. */
async function shared(
  admin: postgres.Sql,
  name: string,
  programs: readonly Started[],
): Promise<number> {
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      const [row] = await admin.unsafe(
        "select count(*)::int as n from pg_stat_activity where datname = $1 and application_name = 'vastar'",
        [name],
      );
      most = Math.max(most, Number(row?.["n"]));
    }
  })();
  await Promise.all(programs.map((one) => one.ask(`daemon ${CALLS}`)));
  over = true;
  await watching;
  return most;
}
