/** The worker on Bun, which serves what a program exports by default: `export { default } from "@vastar/connector/worker/bun"`. */
import { type WorkerEntry, workerEntry } from "../entry/process_entry.ts";
import { IDLE_SECONDS, isIdleServer, whileAnswering } from "./idle.ts";
import { platform } from "./mod.ts";

export interface BunEntry extends WorkerEntry {
  readonly port: number;
  readonly hostname: string;
  readonly idleTimeout: number;
}

const made = workerEntry(platform);

const entry: BunEntry = {
  ...made,
  async fetch(request, host) {
    const answer = async () => await made.fetch(request, host);
    // What breaks within an answer, the worker has said.
    return isIdleServer(host) ? await whileAnswering(request, host, answer, () => {}) : answer();
  },
  get port() {
    return Number(platform.env("PORT") ?? 8787);
  },
  get hostname() {
    return platform.env("VASTAR_HOST") ?? "127.0.0.1";
  },
  idleTimeout: IDLE_SECONDS,
};
export default entry;
