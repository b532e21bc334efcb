/** Tells telemetry what the answers of a language model say they took. */
import { select } from "../../sse/mod.ts";
import { recorderOf, registered, type Usage } from "../../telemetry/mod.ts";
import type { Observed, Observer, UsageObserver, UsagePaths } from "../data/observe.ts";

export function usage(paths: UsagePaths): UsageObserver {
  const observe: Observer = (provider, operation, input, options) => {
    const api = registered();
    // Loaded by whatever makes the calls: in a browser nothing is.
    const recording = api && recorderOf(api);
    if (recording === undefined) return undefined;
    const { model } = input;
    return Promise.resolve(recording).then((known): Observed | undefined => {
      const span = known?.inference({
        provider,
        operation,
        model: typeof model === "string" ? model : undefined,
        parent: options.traceparent,
      });
      return span && {
        traceparent: span.traceparent,
        see: (value) => span.used(found(paths, value)),
        end: (error) => error === undefined ? span.end() : span.failed(error),
      };
    });
  };
  return Object.assign(observe, { paths });
}

function found(paths: UsagePaths, value: unknown): Usage {
  const usage: { -readonly [Key in keyof Usage]: Usage[Key] } = {};
  for (const key of ["input", "output", "cached"] as const) {
    const path = paths[key];
    const count = path && select(path, value);
    if (typeof count === "number") usage[key] = count;
  }
  return usage;
}
