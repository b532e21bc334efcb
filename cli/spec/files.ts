/** Finds and loads the connector specs that a command line names. */
import { readdirSync, statSync } from "node:fs";
import { join, normalize, resolve } from "node:path";
import { SPEC_NAMES } from "../../codegen/generate/find_specs.ts";
import type { ConnectorModel } from "../../codegen/model/mod.ts";
import { diskIoFrom } from "../../codegen/load/io.ts";
import { formatDiagnostics } from "../../codegen/read/report/format.ts";
import { loadConnector, type LoadResult } from "../../codegen/load_connector.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import type { CommandIo } from "../command.ts";

const SKIPPED = new Set(["node_modules", "dist"]);

/**
 * Paths as messages show them: as given. One that does not exist is kept, to be reported with the
 * mistakes of the others. Throws `spec.none` for a folder without specs.
 */
export function findSpecs(given: readonly string[], cwd: string): string[] {
  const found = (given.length === 0 ? ["."] : given).flatMap((path) => {
    if (!isFolder(resolve(cwd, path))) return [normalize(path)];
    const below = specsBelow(path, cwd);
    if (below.length > 0) return below;
    throw invalidRequest(
      "spec.none",
      `There is no ${
        SPEC_NAMES[0]
      } in ${path} or below: give a spec, or make one with \`vastar init\`.`,
    );
  });
  return [...new Set(found)];
}

/** The one spec that a path means. Throws `spec.none` or `spec.several`. */
export function findSpec(path: string, cwd: string): string {
  const [first, ...others] = findSpecs([path], cwd);
  if (first === undefined || others.length === 0) return first ?? path;
  throw invalidRequest(
    "spec.several",
    `${path} holds several specs (${[first, ...others].join(", ")}): name one of them.`,
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The folder's own spec, else those of its subfolders. Links are not followed: they may form a cycle. */
function specsBelow(folder: string, cwd: string): string[] {
  const entries = readdirSync(resolve(cwd, folder), { withFileTypes: true });
  const own = SPEC_NAMES.find((name) => entries.some((entry) => entry.name === name));
  if (own !== undefined) return [join(folder, own)];
  return entries
    .filter((entry) =>
      entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name)
    )
    .map((entry) => entry.name)
    .sort()
    .flatMap((name) => specsBelow(join(folder, name), cwd));
}

export function loadSpec(path: string, cwd: string): LoadResult {
  return loadConnector(path, diskIoFrom(cwd));
}

/** The model, or undefined after printing its mistakes to stderr. Warnings go there too. */
export function loadSound(path: string, io: CommandIo): ConnectorModel | undefined {
  const { model, diagnostics } = loadSpec(path, io.cwd);
  io.stderr(formatDiagnostics(diagnostics));
  return model;
}
