/** The worker on Bun, which serves what a program exports by default: `export { default } from "@vastar/connector/worker/bun"`. */
import { type WorkerEntry, workerEntry } from "../entry/process_entry.ts";
import { platform } from "./mod.ts";

export interface BunEntry extends WorkerEntry {
  readonly port: number;
  readonly hostname: string;
  readonly idleTimeout: number;
}

const entry: BunEntry = {
  ...workerEntry(platform),
  get port() {
    return Number(platform.env("PORT") ?? 8787);
  },
  get hostname() {
    return platform.env("VASTAR_HOST") ?? "127.0.0.1";
  },
  // Streams are idle as long as their upstream is; the engine limits that.
  idleTimeout: 0,
};
export default entry;
