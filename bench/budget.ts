/** One budget for a whole machine: eight programs of four tenants share what one API allows. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Figure, Report } from "./lib/report.ts";
import { median } from "./lib/stats.ts";
import { withScene } from "./shared/scene.ts";

const RATE = 200;
const PROGRAMS = 8;
const TENANTS = ["a", "b", "c", "d"];
const WARM_UP_MS = 1_000;
const ROUND_MS = 3_000;

export async function benchBudget(rounds: number): Promise<Report> {
  const config = (host: string): string =>
    `rateLimits: [ { host: "${host}", calls: ${RATE}, per: 1s, burst: 1, maxWait: 30s } ]\n`;
  return await withScene(RATE, config, async (scene) => {
    for (let program = 0; program < PROGRAMS; program++) {
      const tenant = TENANTS[program % TENANTS.length] ?? "";
      // The first tenant wants far more than the others.
      const pace = { inFlight: tenant === "a" ? 30 : 5, base: program === PROGRAMS - 1 };
      await scene.caller(`/call/${tenant}`, tenant, pace);
    }
    await sleep(WARM_UP_MS);
    const [used, least]: [number[], number[]] = [[], []];
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      await scene.counts();
      const start = performance.now();
      await sleep(ROUND_MS);
      const counts = await scene.counts();
      const allowed = RATE * (performance.now() - start) / 1_000;
      const parts = TENANTS.map((tenant) => counts.served[tenant] ?? 0);
      used.push(parts.reduce((sum, part) => sum + part, 0) / allowed);
      least.push(Math.min(...parts) * TENANTS.length / allowed);
      refused += counts.refused;
    }
    const what = `${PROGRAMS} programs, API of ${RATE} calls a second`;
    const figures: Figure[] = [
      {
        name: `${what}: used of what it allows`,
        value: median(used),
        unit: "×",
        target: { is: "at least", value: 0.98 },
      },
      {
        name: `${what}: calls it refused (429)`,
        value: refused,
        unit: "",
        target: { is: "at most", value: 0 },
      },
      {
        name: `${what}: smallest of ${TENANTS.length} tenants, of an equal part`,
        value: median(least),
        unit: "×",
        target: { is: "at least", value: 0.95 },
      },
    ];
    return { benchmark: "budget", figures };
  });
}
