/** Finds the connector and operation that a command line names. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { SPEC_NAMES } from "../../codegen/generate/find_specs.ts";
import type {
  ConnectorDefinition,
  OperationDefinition,
} from "../../src/connector/definition/definition.ts";
import { ConnectorError, invalidRequest } from "../../src/core/errors.ts";
import { didYouMean } from "../../src/core/suggest.ts";
import { BUNDLED, loadFrom } from "../find_connectors.ts";

export interface Places {
  readonly cwd: string;
  /** Replaces `./connectors`. */
  readonly folder: string | undefined;
}

/** A folder (or the spec in it) if the name is a path; else by id: the current folder, its connectors, the bundled ones. */
export async function findConnector(name: string, places: Places): Promise<ConnectorDefinition> {
  const full = resolve(places.cwd, name);
  if (/[/\\]|^\.+$/.test(name) || /\.(ya?ml|json)$/.test(name)) {
    const isFile = statSync(full, { throwIfNoEntry: false })?.isFile() === true;
    if (!existsSync(full)) throw unknown(`There is no folder ${name}.`);
    return isFile
      ? await loadOrExplain(dirname(full), name, full)
      : await loadOrExplain(full, name);
  }
  const folders = [
    ...basename(places.cwd) === name ? [places.cwd] : [],
    ...connectorFolders(places).map((folder) => join(folder, name)),
    full,
  ];
  const found = folders.find((folder) => isGenerated(folder)) ??
    folders.find((folder) => specIn(folder) !== undefined);
  if (found !== undefined) return await loadOrExplain(found, name);
  const known = (await listConnectors(places)).map(({ id }) => id);
  throw unknown(
    `There is no connector "${name}".${didYouMean(name, known)} Known: ${known.join(", ")}.`,
  );
}

/** Those of the current folder first; a repeated id is listed once, and one that cannot be loaded is left out. */
export async function listConnectors(places: Places): Promise<ConnectorDefinition[]> {
  const found = new Map<string, ConnectorDefinition>();
  for (const folder of connectorFolders(places)) {
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory() || !(isGenerated(path) || specIn(path) !== undefined)) {
        continue;
      }
      const definition = await loadOrExplain(path, entry.name).catch(() => undefined);
      if (definition !== undefined && !found.has(definition.id)) {
        found.set(definition.id, definition);
      }
    }
  }
  return [...found.values()].sort((a, b) => a.id < b.id ? -1 : 1);
}

function connectorFolders({ cwd, folder }: Places): string[] {
  return [resolve(cwd, folder ?? "connectors"), ...folder === undefined ? [BUNDLED] : []];
}

function isGenerated(folder: string): boolean {
  return existsSync(join(folder, "definition.gen.ts")) ||
    existsSync(join(folder, "definition.gen.js"));
}

function specIn(folder: string): string | undefined {
  return SPEC_NAMES.map((spec) => join(folder, spec)).find((path) => existsSync(path));
}

/** The generated code; if there is none, or it does not load, the spec itself. */
async function loadOrExplain(
  folder: string,
  name: string,
  given?: string,
): Promise<ConnectorDefinition> {
  const spec = given ?? specIn(folder);
  // A different file than the one that the folder's client is generated from.
  const isOther = given !== undefined && given !== specIn(folder);
  let failure: ConnectorError | undefined;
  try {
    const definition = isGenerated(folder) && !isOther
      ? await loadFrom(dirname(folder), basename(folder))
      : undefined;
    if (definition !== undefined) return definition;
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== "connector.broken") throw error;
    failure = error;
  }
  if (spec !== undefined) {
    const { loadFromSpec } = await import("./spec.ts");
    const definition = await loadFromSpec(spec);
    if (definition !== undefined) return definition;
  }
  if (failure !== undefined) throw failure;
  throw unknown(
    spec !== undefined
      ? `Nothing was generated from the spec of ${name} yet: run \`vastar generate ${folder}\`.`
      : `There is no connector in ${folder}: \`vastar init\` makes a first spec.`,
  );
}

export function findOperation(
  definition: ConnectorDefinition,
  id: string,
): OperationDefinition {
  const found = definition.operations.find((operation) => operation.id === id);
  if (found !== undefined) return found;
  const known = definition.operations.map((operation) => operation.id);
  throw invalidRequest(
    "operation.unknown",
    `${definition.id} has no operation "${id}".${
      didYouMean(id, known)
    } \`vastar call ${definition.id}\` lists them.`,
  );
}

function unknown(message: string): ConnectorError {
  return invalidRequest("connector.unknown", message);
}
