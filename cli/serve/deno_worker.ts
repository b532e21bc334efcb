/** The worker for `deno serve`, which opens the port: `deno serve -A cli/serve/deno_worker.ts`. */
import process from "node:process";
import { platform } from "../../src/platform/deno/mod.ts";
import { BUNDLED, findConnectors } from "../find_connectors.ts";
import { readAccess } from "./worker_access.ts";
import { setUpWorker } from "./worker_setup.ts";

const list = (name: string) =>
  (platform.env(name) ?? "").split(",").map((item) => item.trim()).filter(Boolean);

const connectors = await findConnectors(
  platform.env("VASTAR_CONNECTORS") ?? BUNDLED,
  console.error,
);
const running = await setUpWorker({
  connectors,
  access: await readAccess({
    config: platform.env("VASTAR_WORKER_CONFIG"),
    keys: platform.env("VASTAR_KEYS"),
    open: platform.env("VASTAR_OPEN") === "true",
    env: platform.env,
    connectors,
    cwd: process.cwd(),
    onError: console.error,
  }),
  address: platform.env("VASTAR_RUNTIME") ?? "embedded:",
  env: platform.env,
  allow: list("VASTAR_ALLOW"),
  baseUrls: {},
  alwaysSimulate: false,
  corsOrigins: list("VASTAR_CORS"),
  // Usually reached by a name that only its operator knows.
  allowedHosts: platform.env("VASTAR_ALLOW_HOST") === undefined
    ? undefined
    : list("VASTAR_ALLOW_HOST"),
  onError: (text, requestId) => console.error(requestId, text),
});
for (const notice of running.notices) console.log(notice);

// `deno serve` stops listening on a signal by itself and then waits for everything else to end, the simulator too.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void running.close());
}

export default {
  fetch: (request: Request, host: object): Response | Promise<Response> =>
    running.worker.fetch(request, host),
};
