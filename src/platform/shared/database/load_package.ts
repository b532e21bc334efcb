/** Drivers are optional peers: loaded when a call first needs one. */
import { driverMissing } from "../../../engine/database/failures.ts";

/** @throws ConnectorError `database.driver_missing` if the package is not installed. */
export async function loadPackage<T>(
  load: () => Promise<T>,
  packages: readonly string[],
  scheme: string,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error)) throw driverMissing(packages, scheme);
    throw error;
  }
}

/** Node and Deno say so by a code, Bun by the name of the error. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ||
    error.name === "ResolveMessage";
}
