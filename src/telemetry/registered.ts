/** Loads what records, once there is an SDK to record with. */
import type { Telemetry } from "./contract.ts";
import { recorderOf, registered, setRecorder } from "./slot.ts";

/**
 * Undefined as long as no SDK is registered, which costs a look at a global. With one, the module that records is loaded on
 * demand.
 */
export function telemetry(): Telemetry | Promise<Telemetry | undefined> | undefined {
  const api = registered();
  if (api === undefined) return undefined;
  const known = recorderOf(api);
  if (known !== undefined) return known;
  const loading = import("./record.ts").then(
    ({ createTelemetry }) => createTelemetry(api),
    // An SDK that throws: tracing must not fail calls.
    () => undefined,
  );
  setRecorder(api, loading);
  return loading;
}
