/**
 * One round of `bench resume`, as a process of its own because how many requests Bun may have open is set when it starts: streams
 * from a worker that is killed again and again while a daemon keeps them. Prints what came of it as JSON.
 */
import process from "node:process";
import { gatedApi, resumingClient } from "../../tests/e2e/support/resuming.ts";
import { freePort, start, type Started } from "../lib/processes.ts";

const [streams = 0, events = 0, kills = 0] = process.argv.slice(2).map(Number);
const PATH = "/connectors/openai/chat.completions.create";
const MAIN = "cli/main.ts";

const api = await gatedApi(events);
const { host } = new URL(api.server.url);
const address = `tcp://127.0.0.1:${await freePort()}`;
const daemon = await start([MAIN, "runtime", "--listen", address, "--allow", host], /ready/i);
const port = await freePort();
process.env["OPENAI_API_KEY"] = "sk-bench";

function worker(): Promise<Started> {
  const where = ["--port", `${port}`, "--runtime", address];
  const server = ["--base-url", `openai=${api.server.url}/v1`];
  return start([MAIN, "worker", ...where, ...server], /Worker ready/);
}

let current = await worker();
const clients = Array.from(
  { length: streams },
  (_, at) => resumingClient(PATH, `u${at}`, () => `http://127.0.0.1:${port}`),
);
let [daemonMb, workerMb] = [0, 0];
for (let kill = 1; kill <= kills; kill++) {
  const reach = Math.floor((kill * events) / (kills + 1));
  api.allow(reach);
  while (!clients.every(({ got }) => got.length >= reach)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  daemonMb = Math.max(daemonMb, await daemon.residentMb());
  workerMb = Math.max(workerMb, await current.residentMb());
  await current.kill();
  // Meanwhile the API goes on.
  api.allow(reach + Math.floor(events / (2 * kills + 2)));
  current = await worker();
}
api.allow(events);
await Promise.all(clients.map(({ finished }) => finished));
let [lost, doubled] = [0, 0];
for (const [at, { got }] of clients.entries()) {
  const distinct = new Set(got);
  doubled += got.length - distinct.size;
  for (let n = 0; n < events; n++) if (!distinct.has(`u${at}:${n}`)) lost++;
}
await current.kill();
await daemon.stop();
// Whoever reads it ends this process.
console.log(JSON.stringify({ lost, doubled, calls: api.asked(), daemonMb, workerMb }));
process.exit(0);
