/** How much a tenant notices of another one that wants a hundred times its limit. */
import { setTimeout as sleep } from "node:timers/promises";
import { RuntimeClient } from "../src/client/mod.ts";
import type { Report } from "./lib/report.ts";
import { median, percentile } from "./lib/stats.ts";
import { type Scene, withScene } from "./shared/scene.ts";

const LIMIT = 20;
const TIMES = 100;
const CALLS = 400;
const WARM_UP = 50;

/** The 99th percentile of the quiet tenant's calls, one after the other, in ms. */
async function quiet({ address, api }: Scene): Promise<number> {
  await using client = await RuntimeClient.connect(address, { tenantId: "quiet" });
  const took: number[] = [];
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const start = performance.now();
    await client.executeHTTP({ url: `${api}/free` });
    if (call >= WARM_UP) took.push(performance.now() - start);
    await sleep(2);
  }
  return percentile(took, 99);
}

export async function benchFairness(rounds: number): Promise<Report> {
  const config = (host: string): string =>
    `rateLimits: [ { tenant: greedy, host: "${host}", calls: ${LIMIT}, per: 1s } ]\n`;
  return await withScene(1_000_000, config, async (scene) => {
    const [alone, beside]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      alone.push(await quiet(scene));
      const greedy = await scene.caller("/free", "greedy", { perSecond: LIMIT * TIMES });
      await sleep(500);
      beside.push(await quiet(scene));
      await greedy.stop();
    }
    const ratios = beside.map((value, round) => value / (alone[round] ?? Number.NaN));
    const what = `a tenant's p99 while another wants ${TIMES} × its limit`;
    return {
      benchmark: "fairness",
      figures: [
        { name: `${what}: alone`, value: median(alone), unit: "ms" },
        { name: `${what}: beside it`, value: median(beside), unit: "ms" },
        {
          name: `${what}: beside it / alone`,
          value: median(ratios),
          unit: "×",
          target: { is: "at most", value: 2 },
        },
      ],
    };
  });
}
