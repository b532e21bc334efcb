/** Finds generated connectors on disk. */
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ConnectorError, ErrorClass, invalidRequest } from "../src/core/errors.ts";
import type { ConnectorDefinition } from "../src/connector/definition/definition.ts";

/** The bundled connectors. */
export const BUNDLED: string = fileURLToPath(new URL("../connectors/", import.meta.url));

/**
 * Every folder with a generated `definition.gen.ts` (or its built `.js`), sorted by name. `notice` is called for
 * folders that only have a spec.
 */
export async function findConnectors(
  folder: string,
  notice: (text: string) => void = () => {},
): Promise<ConnectorDefinition[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw invalidRequest(
      "worker.connectors",
      `Cannot read the connectors folder ${folder}: give a folder that holds one folder for each connector.`,
      error,
    );
  });
  const found = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort().map((name) =>
      loadFrom(folder, name, notice)
    ),
  );
  return found.filter((definition) => definition !== undefined);
}

/** Built packages have `.js` where the sources have `.ts`. */
const ENTRY_FILES = ["definition.gen.ts", "definition.gen.js"];
const SPEC_FILE = /^connector\.(yaml|yml|json)$/;

/** The connector in `folder/name`; undefined if nothing was generated yet. */
export async function loadFrom(
  folder: string,
  name: string,
  notice: (text: string) => void = () => {},
): Promise<ConnectorDefinition | undefined> {
  const files = await readdir(join(folder, name));
  const entry = ENTRY_FILES.find((file) => files.includes(file));
  if (entry === undefined) {
    const path = join(folder, name);
    if (files.some((file) => SPEC_FILE.test(file))) {
      notice(
        `${path} is not served because nothing was generated from its spec: run \`vastar generate ${path}\``,
      );
    }
    return undefined;
  }
  const path = join(folder, name, entry);
  const module: unknown = await import(pathToFileURL(path).href).catch((error: unknown) => {
    throw importFailure(path, error);
  });
  const definition = typeof module === "object" && module !== null && "definition" in module
    ? module.definition
    : undefined;
  if (isDefinition(definition)) return definition;
  throw invalidRequest(
    "worker.connectors",
    `${path} exports no connector definition: generate it again with \`vastar generate\`.`,
  );
}

/** A Node without type stripping fails with an unhelpful message about file extensions. */
export function importFailure(path: string, error: unknown): ConnectorError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
    return invalidRequest(
      "worker.connectors",
      `Node ${process.version} cannot run ${path}, which is TypeScript: use Node 22.18 or later, Bun or Deno.`,
      error,
    );
  }
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "connector.broken",
    message: `The connector in ${dirname(path)} cannot be loaded: ${reasonOf(error)}`,
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const text = (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
  return text.includes("@vastar/connector")
    ? `${text} (install @vastar/connector where the connector is used)`
    : text;
}

function isDefinition(value: unknown): value is ConnectorDefinition {
  return typeof value === "object" && value !== null && "id" in value && "operations" in value &&
    "invoke" in value;
}
