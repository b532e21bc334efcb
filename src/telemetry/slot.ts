/** The one look at whether an application has registered an SDK, and what records with it. */
import type { ContextManager, MeterProvider, TracerProvider } from "@opentelemetry/api";
import type { Telemetry } from "./contract.ts";

/** Where version 1 of `@opentelemetry/api` keeps what an application has registered. */
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

export interface Registered {
  readonly trace?: TracerProvider;
  readonly metrics?: MeterProvider;
  readonly context?: ContextManager;
}

interface Recorder {
  readonly of: { readonly [part in "trace" | "metrics"]: unknown };
  /** A promise while the module that records is loaded. */
  telemetry: Telemetry | Promise<Telemetry | undefined>;
}

let current: Recorder | undefined;

/** Undefined as long as no SDK is registered. Another one may take its place. */
export function registered(): Registered | undefined {
  const api = Reflect.get(globalThis, REGISTERED) as Registered | undefined;
  return api?.trace === undefined && api?.metrics === undefined ? undefined : api;
}

/** What was loaded for that SDK. Loads nothing, so that bundles hold the recorder only where something else does. */
export function recorderOf({ trace, metrics }: Registered): Recorder["telemetry"] | undefined {
  return current?.of.trace === trace && current?.of.metrics === metrics
    ? current?.telemetry
    : undefined;
}

export function setRecorder(
  { trace, metrics }: Registered,
  loading: Promise<Telemetry | undefined>,
): void {
  const recorder: Recorder = { of: { trace, metrics }, telemetry: loading };
  current = recorder;
  void loading.then((telemetry) => {
    if (telemetry !== undefined) recorder.telemetry = telemetry;
  });
}
