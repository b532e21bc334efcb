/** The worker as an environment describes it, for the entries that need no program: every connector of the package. */
import { RuntimeClient } from "../../client/mod.ts";
import type { Platform } from "../../core/platform.ts";
import {
  apiKeys,
  consolePage,
  createWorker,
  DEVELOPMENT_NOTICE,
  figures,
  type KeySource,
  openApi,
  type Worker,
} from "../../worker/mod.ts";
import { mcp } from "../../mcp/mod.ts";
import { connectors } from "./connectors.ts";

type Env = Platform["env"];

/** Reads `VASTAR_KEYS`, `VASTAR_OPEN`, `<ID>_BASE_URL`, `VASTAR_RUNTIME`, `VASTAR_ALLOW`, `VASTAR_CORS`, `VASTAR_ALLOW_HOST` and what connectors name. */
export function workerOf(
  platform: Platform,
  env: Env,
  keys: KeySource | undefined,
): Worker {
  const access = keys !== undefined
    ? [apiKeys(keys)]
    : env("VASTAR_OPEN") === "true"
    ? "open"
    : "development";
  if (access === "development") console.warn(DEVELOPMENT_NOTICE);
  const list = (name: string) =>
    (env(name) ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  const config = Object.fromEntries(
    connectors.map(({ id }) => [id, env(`${id.toUpperCase()}_BASE_URL`)] as const)
      .filter(([, baseURL]) => baseURL !== undefined && baseURL !== "")
      .map(([id, baseURL]) => [id, { baseURL }]),
  );
  return createWorker({
    connectors,
    access,
    parts: [
      consolePage({ links: { OpenAPI: "openapi.json", Readiness: "readyz" } }),
      figures(),
      openApi(),
      mcp(),
    ],
    runtime: new RuntimeClient({
      address: env("VASTAR_RUNTIME") ?? "embedded:",
      token: env("VASTAR_TOKEN"),
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
