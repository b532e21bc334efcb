/** `growth_main.ts HOST CALLS`: prints `resident BEFORE AFTER` in MB, before and after so many calls with every stage on. */
import process from "node:process";
import { createEngine } from "../../src/engine/engine.ts";
import { platform } from "#platform";
import { ALL_STAGES, callTo } from "./stages.ts";

const [host = "", calls = ""] = process.argv.slice(2);
const LANES = 64;
const TENANTS = 100;
const engine = createEngine({ ...ALL_STAGES, egress: { allow: [host] } }, { platform });
const requests = Array.from(
  { length: TENANTS },
  (_, tenant) => callTo(`http://${host}/small`, `t${tenant}`),
);

async function make(count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      const request = requests[left-- % TENANTS];
      if (request !== undefined) await engine.call(request);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function residentMb(): number {
  Bun.gc(true);
  return process.memoryUsage.rss() / 1024 ** 2;
}

// What a process takes once it is warm is not growth.
await make(Number(calls) / 5);
const before = residentMb();
await make(Number(calls));
console.log(`resident ${before.toFixed(1)} ${residentMb().toFixed(1)}`);
await engine.close();
