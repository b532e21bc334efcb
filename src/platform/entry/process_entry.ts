/** The worker for hosts whose environment is the process's. */
import type { Platform } from "../../core/platform.ts";
import type { Worker } from "../../worker/mod.ts";
import { keyFile } from "./key_file.ts";
import { workerOf } from "./worker_entry.ts";

/** What hosts serve when a program exports it by default. */
export interface WorkerEntry {
  fetch(request: Request, host?: object): Response | Promise<Response>;
}

/** For hosts with one environment: the worker is made with the first request, so that importing an entry does nothing. */
export function workerEntry(platform: Platform): WorkerEntry {
  let making: Promise<Worker> | undefined;
  return {
    async fetch(request, host) {
      making ??= fromEnvironment(platform).catch((error: unknown) => {
        // A broken file may be repaired.
        making = undefined;
        throw error;
      });
      return await (await making).fetch(request, host);
    },
  };
}

async function fromEnvironment(platform: Platform): Promise<Worker> {
  const file = platform.env("VASTAR_KEYS");
  if (file === undefined || file === "") {
    return workerOf(platform, platform.env, undefined);
  }
  return workerOf(platform, platform.env, await keyFile(file, console.error));
}
