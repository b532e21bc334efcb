/** How late deadlines are, how many requests a failing API gets, and how soon programs go on after their daemon was killed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RuntimeClient } from "../src/client/mod.ts";
import { start, type Started } from "./lib/processes.ts";
import type { Figure, Report } from "./lib/report.ts";
import { median } from "./lib/stats.ts";

const CALLS = 1_000;
const DEADLINE_MS = 300;
const LANES = 64;
const LOAD_MS = 300;
/** 20 % of the calls, and 3 a second over ten seconds. */
const BUDGET = CALLS * 0.2 + 30;

/** The latest end of calls that hang, beyond their deadline, in ms. */
async function lateness(client: RuntimeClient, url: string): Promise<number> {
  const one = async (): Promise<number> => {
    const begun = performance.now();
    await client.executeHTTP({ url, timeoutMs: DEADLINE_MS }).catch(() => {});
    return performance.now() - begun - DEADLINE_MS;
  };
  return Math.max(...await Promise.all(Array.from({ length: CALLS / 2 }, one)));
}

/** Requests that an API got beyond the calls, all of which it answers with 503. */
async function repeated(
  client: RuntimeClient,
  upstream: string,
  tenantId: string,
): Promise<number> {
  const count = async (): Promise<number> =>
    Number(await (await fetch(`${upstream}/count`)).text());
  const before = await count();
  const url = `${upstream}/unavailable`;
  await Promise.all(
    Array.from({ length: CALLS }, () => client.executeHTTP({ url, tenantId }).catch(() => {})),
  );
  return await count() - before - CALLS;
}

export async function benchResilience(rounds: number): Promise<Report> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const server = await start(["bench/upstream_main.ts"], /upstream ready/);
  stack.defer(() => server.stop());
  const host = `127.0.0.1:${server.line.split(" ").at(-1)}`;
  const upstream = `http://${host}`;
  const address = `unix:${join(folder, "runtime.sock")}`;
  const open = (): Promise<Started> =>
    start(["cli/main.ts", "runtime", "--listen", address, "--allow", host], /ready/i);
  let daemon = await open();
  stack.defer(() => daemon.stop());
  const client = await RuntimeClient.connect(address);
  stack.defer(() => client.close());
  const engine = { egress: { allow: [host] }, breaker: false, bulkhead: false } as const;
  const embedded = await RuntimeClient.connect("embedded:", { engine });
  stack.defer(() => embedded.close());

  // Programs that have just started are slower, so the daemons that are killed come last.
  for (const one of [embedded, client, client]) await lateness(one, `${upstream}/hang`);
  const [late, lateHere, storms, recoveries]: number[][] = [[], [], [], []];
  let failed = 0;
  for (let round = 0; round < rounds; round++) {
    lateHere?.push(await lateness(embedded, `${upstream}/hang`));
    late?.push(await lateness(client, `${upstream}/hang`));
    // Without breakers, which would leave the API alone even sooner.
    storms?.push(await repeated(embedded, upstream, `round ${round}`));
  }
  for (let round = 0; round < rounds; round++) {
    const killed = await killUnderLoad(client, `${upstream}/small`, daemon, open);
    daemon = killed.daemon;
    recoveries?.push(killed.ms);
    failed += killed.failed;
  }
  const figures: Figure[] = [
    latenessFigure("embedded", lateHere ?? []),
    latenessFigure("unix", late ?? []),
    {
      name: `repeated of ${CALLS} simultaneous 503s, embedded`,
      value: median(storms ?? []),
      unit: "",
      target: { is: "at most", value: BUDGET },
    },
    {
      name:
        `kill -9 with ${LANES} in flight: from the new daemon's ready line to the last of them going on`,
      value: median(recoveries ?? []),
      unit: "ms",
    },
    {
      name: "calls that failed after that",
      value: failed,
      unit: "",
      target: { is: "at most", value: 0 },
    },
  ];
  return { benchmark: "resilience", figures };
}

function latenessFigure(where: string, values: readonly number[]): Figure {
  return {
    name: `latest of ${CALLS / 2} deadlines of ${DEADLINE_MS} ms, ${where}`,
    value: median(values),
    unit: "ms",
    target: { is: "at most", value: 50 },
  };
}

async function killUnderLoad(
  client: RuntimeClient,
  url: string,
  daemon: Started,
  open: () => Promise<Started>,
): Promise<{ daemon: Started; ms: number; failed: number }> {
  let readyAt = Infinity;
  let over = false;
  let failed = 0;
  const lane = async (): Promise<number> => {
    let wentOn: number | undefined;
    while (!over) {
      const begun = performance.now();
      try {
        await client.executeHTTP({ url, retries: 0 });
        if (begun > readyAt) wentOn ??= performance.now() - readyAt;
      } catch {
        if (begun > readyAt) failed++;
        await sleep(5);
      }
    }
    return wentOn ?? Infinity;
  };
  const lanes = Promise.all(Array.from({ length: LANES }, lane));
  await sleep(LOAD_MS);
  await daemon.kill();
  const next = await open();
  readyAt = performance.now();
  await sleep(LOAD_MS);
  over = true;
  return { daemon: next, ms: Math.max(...await lanes), failed };
}
