/** The script of the API reference, from the package that holds it. */
import { readFile } from "node:fs/promises";
import { ConnectorError, ErrorClass } from "../../src/core/errors.ts";

/** The package says where its style sheet is; its script, which it does not say, is beside it. */
const NEIGHBOUR = "@scalar/api-reference/style.css";

/** @throws ConnectorError `docs.not_installed`. */
export async function scalarScript(): Promise<string> {
  try {
    return await readFile(
      new URL("./browser/standalone.js", import.meta.resolve(NEIGHBOUR)),
      "utf8",
    );
  } catch (error) {
    throw new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "docs.not_installed",
      message:
        "The API reference needs the package @scalar/api-reference: install it beside @vastar/connector.",
      cause: error,
    });
  }
}
