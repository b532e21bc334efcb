/** Packages that only some programs need, loaded when one does. */
import { ConnectorError, ErrorClass } from "./errors.ts";

/**
 * What `load` imports. `needs` is who needs it, with the verb: "Telemetry needs".
 * @throws ConnectorError `package.missing` if one of the packages is not installed; any other failure as it is.
 */
export async function loadPackage<T>(
  load: () => Promise<T>,
  needs: string,
  ...packages: readonly [string, ...string[]]
): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const [what, are] = packages.length > 1 ? ["packages", "are"] : ["package", "is"];
    throw new ConnectorError({
      errorClass: ErrorClass.Permanent,
      code: "package.missing",
      message: `${needs} the ${what} ${packages.join(" and ")}, which ${are} not installed ` +
        `where this runs: npm install ${packages.join(" ")}`,
      origin: "caller",
      cause,
    });
  }
}

/** Node and Deno say so by a code, Bun by the name of the error. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = "code" in error ? error.code : undefined;
  return code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" ||
    error.name === "ResolveMessage";
}
