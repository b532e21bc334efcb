/** Three daemons that share a rate limit through a real store, as busy as they can be. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { poolAddress } from "../../cli/runtime/join.ts";
import { RuntimeClient } from "../../src/client/mod.ts";
import type { SharedStore } from "../../src/engine/leases/shared_store.ts";
import { natsStore } from "../../src/platform/stores/nats_store.ts";
import { redisStore } from "../../src/platform/stores/redis_store.ts";
import { ownName, REDIS_PORT, serverOn } from "../../tests/support/databases.ts";
import { natsMissing, sharedNats } from "../../tests/support/nats.ts";
import { removeShared } from "../../tests/support/servers/shared_store.ts";
import { start } from "../lib/processes.ts";
import type { Figure } from "../lib/report.ts";

const MEMBERS = 3;
const PER_SECOND = 500;
const LANES = 32;
const WARM_MS = 2_000;
const RUN_MS = 6_000;

export async function realStores(): Promise<Figure[]> {
  const figures: Figure[] = [];
  const name = ownName("bench");
  if (natsMissing === undefined) {
    const address = `nats://${await sharedNats()}/${name}`;
    figures.push(...await held("NATS", address, name));
    figures.push(await writes("NATS", natsStore(poolAddress(address))));
  }
  if ((await serverOn(REDIS_PORT, "Redis")).missing === undefined) {
    const url = `redis://127.0.0.1:${REDIS_PORT}`;
    figures.push(...await held("Redis", url, name));
    figures.push(await writes("Redis", redisStore(url, name)));
  }
  await removeShared(name);
  return figures;
}

/** Compare-and-set of 64 entries at once, from one process, which needs a core for itself. */
async function writes(kind: string, store: SharedStore): Promise<Figure> {
  const ENTRIES = 64;
  let done = 0;
  let on = true;
  const climb = async (key: string): Promise<void> => {
    let revision = await store.put("hour", key, "[0,0,0,0]", undefined);
    while (on) {
      revision = await store.put("hour", key, "[1700000000000,850000000,3,3]", revision);
      done++;
    }
  };
  const all = Array.from({ length: ENTRIES }, (_, at) => climb(`bench.${at}`));
  await sleep(WARM_MS / 2);
  const [before, begun] = [done, performance.now()];
  await sleep(RUN_MS / 2);
  const perMs = (done - before) / (performance.now() - begun);
  on = false;
  await Promise.all(all);
  await store.close();
  return { name: `${kind}: writes, 64 entries at once`, value: perMs, unit: "k/s" };
}

function sleep(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}

async function held(kind: string, store: string, name: string): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  let calls = 0;
  const api = createServer((_, response) => {
    calls++;
    response.end("ok");
  }).listen(0, "127.0.0.1");
  stack.defer(() => void api.close());
  await new Promise((ready) => api.once("listening", ready));
  const host = `127.0.0.1:${(api.address() as AddressInfo).port}`;
  const config = join(folder, "runtime.yaml");
  await writeFile(
    config,
    `shared: { store: "${store}", name: ${name} }
rateLimits: [{ calls: ${PER_SECOND}, per: 1s, burst: 10 }]
`,
  );
  let on = true;
  const lanes: Promise<void>[] = [];
  const byMember = new Array<number>(MEMBERS).fill(0);
  for (let at = 0; at < MEMBERS; at++) {
    const address = `unix:${folder}/${at}.sock`;
    const daemon = await start(
      ["cli/main.ts", "runtime", "--listen", address, "--config", config, "--allow", host],
      /ready/,
    );
    stack.defer(() => daemon.stop());
    const client = new RuntimeClient({ address });
    stack.defer(() => client.close());
    for (let lane = 0; lane < LANES; lane++) {
      lanes.push((async () => {
        while (on) {
          await client.executeHTTP({ url: `http://${host}/` });
          byMember[at]!++;
        }
      })());
    }
  }
  await sleep(WARM_MS);
  const [before, begun, shares] = [calls, performance.now(), [...byMember]];
  await sleep(RUN_MS);
  const perSecond = (calls - before) / (performance.now() - begun) * 1_000;
  const got = byMember.map((count, at) => count - (shares[at] ?? 0));
  on = false;
  await Promise.all(lanes);
  const what = (which: string): string =>
    `3 daemons that share ${PER_SECOND} calls a second in ${kind}: ${which}`;
  return [
    {
      name: what("let through, of the limit"),
      value: perSecond / PER_SECOND,
      unit: "×",
      target: { is: "at most", value: 1.02 },
    },
    {
      name: what("the same, at least"),
      value: perSecond / PER_SECOND,
      unit: "×",
      target: { is: "at least", value: 0.98 },
    },
    {
      name: what("least of any, of a third"),
      value: Math.min(...got) / (PER_SECOND * RUN_MS / 1_000 / MEMBERS),
      unit: "×",
    },
  ];
}
