/** Drivers are optional peers: loaded when a call first needs one. */
import { driverMissing } from "../../../engine/database/failures.ts";

type Name = "postgres" | "pglite" | "ioredis";

const NEEDED: Readonly<Record<Name, readonly string[]>> = {
  postgres: ["postgres"],
  pglite: ["postgres", "@electric-sql/pglite"],
  ioredis: ["ioredis"],
};

/** @param kind whose packages the error names. @throws ConnectorError `database.driver_missing`. */
export async function loadDriver<T>(
  load: () => Promise<T>,
  kind: Name,
  scheme: string,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(error)) throw driverMissing(NEEDED[kind], scheme);
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
