/** The worker on Deno: `deno serve` brings the port, and serves what a program exports by default. */
import { type WorkerEntry, workerEntry } from "../entry/process_entry.ts";
import { platform } from "./mod.ts";

const entry: WorkerEntry = workerEntry(platform);
export default entry;
