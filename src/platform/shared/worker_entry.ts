/** The worker as an environment describes it, for the entries that need no program: every connector of the package. */
import { RuntimeClient } from "../../client/mod.ts";
import type { Platform } from "../../core/platform.ts";
import { consolePage, createWorker, openApi, type Worker } from "../../worker/mod.ts";
import { connectors } from "./connectors.ts";

type Env = Platform["env"];

/** Reads `<ID>_BASE_URL`, `VASTAR_RUNTIME`, `VASTAR_ALLOW`, `VASTAR_CORS`, `VASTAR_ALLOW_HOST` and what connectors name. */
export function workerOf(platform: Platform, env: Env): Worker {
  const list = (name: string) =>
    (env(name) ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  const config = Object.fromEntries(
    connectors.map(({ id }) => [id, env(`${id.toUpperCase()}_BASE_URL`)] as const)
      .filter(([, baseURL]) => baseURL !== undefined && baseURL !== "")
      .map(([id, baseURL]) => [id, { baseURL }]),
  );
  return createWorker({
    connectors,
    parts: [consolePage(), openApi()],
    runtime: new RuntimeClient({
      address: env("VASTAR_RUNTIME") ?? "embedded:",
      platform,
      engine: {
        egress: {
          allow: list("VASTAR_ALLOW"),
          howToPermit: (rule) => `add ${rule} to the worker's variable VASTAR_ALLOW`,
        },
      },
    }),
    config,
    env,
    corsOrigins: list("VASTAR_CORS"),
    ...(env("VASTAR_ALLOW_HOST") === undefined ? {} : { allowedHosts: list("VASTAR_ALLOW_HOST") }),
    onError: (text, requestId) => console.error(requestId, text),
  });
}

/** What hosts serve when a program exports it by default. */
export interface WorkerEntry {
  fetch(request: Request, host?: object): Response | Promise<Response>;
}

/** For hosts with one environment: the worker is made with the first request, so that importing an entry does nothing. */
export function workerEntry(platform: Platform): WorkerEntry {
  let worker: Worker | undefined;
  return {
    fetch(request, host) {
      worker ??= workerOf(platform, platform.env);
      return worker.fetch(request, host);
    },
  };
}
