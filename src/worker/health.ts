/** Whether calls can be expected to work: the runtime's health and the checks that connectors declare. */
import { toConnectorError } from "../core/errors.ts";
import type { ServingOptions } from "./options/serving_options.ts";
import { detailOf } from "./problem/problem.ts";
import type { Entry, Registry } from "./registry.ts";

export interface CheckResult {
  readonly ok: boolean;
  /** How long the check took. */
  readonly ms: number;
  /** Why it failed, or why it was skipped. */
  readonly detail?: string;
  /** Code of the failure. */
  readonly code?: string;
}

export interface Readiness {
  readonly status: "ready" | "not ready";
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** Returns a function that reports readiness; concurrent callers share one round of checks, and its result for a while. */
export function createReadiness(
  options: ServingOptions,
  registry: Registry,
): () => Promise<Readiness> {
  let latest: Promise<Readiness> | undefined;
  let expires = -Infinity;
  return () => {
    const now = options.clock.monotonic();
    if (latest === undefined || now >= expires) {
      // Each check has its limit; but a host may end a round with the request that started it, and then it never settles.
      expires = now + 2 * options.readinessTimeoutMs;
      const round = checkAll(options, registry).finally(() => {
        if (latest === round) expires = options.clock.monotonic() + options.readinessCacheMs;
      });
      latest = round;
    }
    return latest;
  };
}

async function checkAll(options: ServingOptions, registry: Registry): Promise<Readiness> {
  const { runtime } = options;
  const named: [string, Promise<CheckResult>][] = [];
  if (runtime.health !== undefined) {
    named.push([
      "runtime",
      timed(options, registry, async () => {
        const health = await runtime.health?.();
        return health === undefined || health.healthy ? undefined : health.message;
      }),
    ]);
  }
  const entries = [...registry.entries.values()];
  const idle = entries.every((entry) => entry.missing() !== undefined);
  for (const entry of entries) {
    named.push([entry.definition.id, checkConnector(options, registry, entry, idle)]);
  }
  const results = await Promise.all(
    named.map(async ([name, result]) => [name, await result] as const),
  );
  return {
    status: results.every(([, result]) => result.ok) ? "ready" : "not ready",
    checks: Object.fromEntries(results),
  };
}

function checkConnector(
  options: ServingOptions,
  registry: Registry,
  entry: Entry,
  /** No connector at all can be called. */
  idle: boolean,
): Promise<CheckResult> {
  const { check } = entry.definition;
  const missing = entry.missing();
  // An unconfigured connector must not keep the others from being used.
  if (missing !== undefined) {
    const result = skipped(registry.redact(missing));
    return Promise.resolve(idle ? { ...result, ok: false, code: "config.missing" } : result);
  }
  if (!entry.inUse) return Promise.resolve(skipped("none of its settings are given"));
  if (check === undefined) return Promise.resolve({ ok: true, ms: 0, detail: "declares no check" });
  return timed(options, registry, async () => {
    await entry.definition.invoke(entry.client(), check.operation, check.input, {
      timeoutMs: options.readinessTimeoutMs,
      retries: 0,
    });
    return undefined;
  });
}

function skipped(why: string): CheckResult {
  return { ok: true, ms: 0, detail: `not configured: ${why}` };
}

/** Runs a check that returns a reason if it fails; never rejects and never exceeds the limit. */
async function timed(
  options: ServingOptions,
  registry: Registry,
  check: () => Promise<string | undefined>,
): Promise<CheckResult> {
  const { clock, readinessTimeoutMs } = options;
  const start = clock.monotonic();
  const elapsed = () => Math.round(clock.monotonic() - start);
  let timer: unknown;
  const late = new Promise<string>((resolve) => {
    timer = clock.setTimeout(
      () => resolve(`no answer within ${readinessTimeoutMs} ms`),
      readinessTimeoutMs,
    );
  });
  try {
    const reason = await Promise.race([check(), late]);
    return reason === undefined
      ? { ok: true, ms: elapsed() }
      : { ok: false, ms: elapsed(), detail: reason };
  } catch (thrown) {
    const error = toConnectorError(thrown);
    options.onError(registry.redact(`${error.code}: ${error.message}`), "readyz", thrown);
    const detail = registry.redact(detailOf(error, registry.hidePlaces));
    return { ok: false, ms: elapsed(), detail, code: error.code };
  } finally {
    clock.clearTimeout(timer);
  }
}
