/**
 * The worker on workerd. Bindings are its environment: `OPENAI_API_KEY` and whatever else the connectors name,
 * `VASTAR_KEYS` (what the file of keys holds), `VASTAR_OPEN`, `<ID>_BASE_URL`, `VASTAR_RUNTIME`, `VASTAR_ALLOW`, `VASTAR_CORS`, `VASTAR_ALLOW_HOST`.
 */
import type { Worker } from "../../worker/mod.ts";
import { parseKeys } from "../entry/key_list.ts";
import { workerOf } from "../entry/worker_entry.ts";
import { platform } from "./sockets.ts";

type Bindings = Readonly<Record<string, unknown>>;

let bound: Bindings | undefined;
let worker: Worker | undefined;

/** One worker per isolate: its bindings never change. */
function workerFor(bindings: Bindings): Worker {
  if (worker !== undefined && bound === bindings) return worker;
  bound = bindings;
  const env = (name: string): string | undefined => {
    const value = bindings[name];
    return typeof value === "string" ? value : undefined;
  };
  const text = env("VASTAR_KEYS");
  const keys = text === undefined
    ? undefined
    : new Map(parseKeys(text, "VASTAR_KEYS").map((key) => [key.id, key]));
  return worker = workerOf(platform, env, keys && { find: (id) => keys.get(id) });
}

export default {
  fetch: (request: Request, bindings: Bindings): Response | Promise<Response> =>
    workerFor(bindings).fetch(request, bindings),
};
