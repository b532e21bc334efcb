/**
 * The worker on workerd. Bindings are its environment: `OPENAI_API_KEY` and whatever else the connectors name,
 * `<ID>_BASE_URL`, `VASTAR_RUNTIME`, `VASTAR_ALLOW`, `VASTAR_CORS`, `VASTAR_ALLOW_HOST`.
 */
import type { Worker } from "../../worker/mod.ts";
import { workerOf } from "../shared/worker_entry.ts";
import { platform } from "./mod.ts";

type Bindings = Readonly<Record<string, unknown>>;

let bound: Bindings | undefined;
let worker: Worker | undefined;

/** One worker per isolate: its bindings never change. */
function workerFor(bindings: Bindings): Worker {
  if (worker !== undefined && bound === bindings) return worker;
  bound = bindings;
  return worker = workerOf(platform, (name) => {
    const value = bindings[name];
    return typeof value === "string" ? value : undefined;
  });
}

export default {
  fetch: (request: Request, bindings: Bindings): Response | Promise<Response> =>
    workerFor(bindings).fetch(request, bindings),
};
