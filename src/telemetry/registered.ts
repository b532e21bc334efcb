/** Detects whether an application has registered an SDK. */
import type { Telemetry } from "./contract.ts";

/** Where version 1 of `@opentelemetry/api` keeps what an application has registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

interface Registered {
  readonly trace?: unknown;
  readonly metrics?: unknown;
}

let current: { readonly of: Registered; readonly telemetry: Telemetry } | undefined;
let loading: Promise<typeof import("./record.ts") | undefined> | undefined;

/**
 * Undefined as long as no SDK is registered, which costs a look at a global. With one, the module that records is loaded on
 * demand: what it needs, `@opentelemetry/api`, is then there.
 */
export function telemetry(): Telemetry | Promise<Telemetry | undefined> | undefined {
  const api = Reflect.get(globalThis, REGISTERED) as Registered | undefined;
  if (api?.trace === undefined && api?.metrics === undefined) return undefined;
  const { trace, metrics } = api;
  // Another SDK may replace the first one.
  if (current?.of.trace === trace && current?.of.metrics === metrics) return current?.telemetry;
  // Another copy of the API package, out of our reach: tracing must not fail calls.
  loading ??= import("./record.ts").catch(() => undefined);
  return loading.then((module) => {
    if (module === undefined) return undefined;
    current = { of: { trace, metrics }, telemetry: module.createTelemetry() };
    return current.telemetry;
  });
}
