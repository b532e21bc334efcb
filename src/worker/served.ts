/** The connectors as one environment configures them, and what the routes ask of them. */
import { ConnectorError, toConnectorError } from "../core/errors.ts";
import { createBindings } from "./bindings.ts";
import { createReadiness, type Readiness } from "./health.ts";
import type { ServingOptions } from "./options/serving_options.ts";
import { type Problem, problemOf } from "./problem/problem.ts";
import { createRegistry, type Registry } from "./registry.ts";

export interface Served {
  readonly options: ServingOptions;
  readonly registry: Registry;
  ready(): Promise<Readiness>;
  /** What a caller may know of a failure; the log gets the rest. */
  failure(thrown: unknown, requestId: string): Problem;
}

/** Returns what gives the served connectors for the bindings of a request: the same as long as connectors see no difference. */
export function createServing(
  options: ServingOptions,
  hasOwnEnv: boolean,
): (bindings: unknown) => Served {
  // A caller that says where variables come from does not want any other source.
  if (hasOwnEnv) {
    const served = serve(options);
    return () => served;
  }
  const pick = createBindings(options.connectors);
  let bound = pick(undefined);
  let served = serve(options);
  return (bindings) => {
    const now = pick(bindings);
    if (!now.same(bound)) {
      served = serve({ ...options, env: (name) => now.get(name) ?? options.env(name) });
      bound = now;
    }
    return served;
  };
}

function serve(options: ServingOptions): Served {
  const registry = createRegistry(options);
  return {
    options,
    registry,
    ready: createReadiness(options, registry),
    failure(thrown, requestId) {
      const error = toConnectorError(thrown);
      const problem = problemOf(error, requestId, registry);
      if (problem.status >= 500 || error.code.startsWith("egress.")) {
        options.onError(registry.redact(logText(thrown)), requestId, thrown);
      }
      return problem;
    },
  };
}

/** What a log needs: code and message of expected failures, the stack of unexpected ones. */
function logText(thrown: unknown): string {
  if (thrown instanceof ConnectorError) return `${thrown.code}: ${thrown.message}`;
  // Some runtime errors have an empty stack.
  return thrown instanceof Error ? thrown.stack || String(thrown) : String(thrown);
}
