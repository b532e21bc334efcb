/**
 * The worker on workerd. Bindings are its environment: `OPENAI_API_KEY` and whatever else the connectors name,
 * `<ID>_BASE_URL`, `VASTAR_ALLOW`, `VASTAR_CORS`, `VASTAR_ALLOW_HOST`.
 */
import { RuntimeClient } from "../../client/mod.ts";
import { createWorker, type Worker } from "../../worker/mod.ts";
import { connectors } from "./connectors.ts";
import { platform } from "./mod.ts";

type Bindings = Readonly<Record<string, unknown>>;

let bound: Bindings | undefined;
let worker: Worker | undefined;

/** One worker an isolate: its bindings do not change while it lives. */
function workerFor(bindings: Bindings): Worker {
  if (worker !== undefined && bound === bindings) return worker;
  const env = (name: string) => {
    const value = bindings[name];
    return typeof value === "string" ? value : undefined;
  };
  const list = (name: string) =>
    (env(name) ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  const config = Object.fromEntries(
    connectors.map(({ id }) => [id, env(`${id.toUpperCase()}_BASE_URL`)] as const)
      .filter(([, baseURL]) => baseURL !== undefined)
      .map(([id, baseURL]) => [id, { baseURL }]),
  );
  bound = bindings;
  return worker = createWorker({
    connectors,
    runtime: new RuntimeClient({
      address: "embedded:",
      platform,
      engine: {
        egress: {
          allow: list("VASTAR_ALLOW"),
          howToPermit: (rule) => `add ${rule} to the worker's binding VASTAR_ALLOW`,
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

export default {
  fetch: (request: Request, bindings: Bindings): Promise<Response> =>
    workerFor(bindings).fetch(request),
};
