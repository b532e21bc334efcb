/** Finds the specs that command-line paths refer to. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalidRequest } from "../../src/core/errors.ts";

export interface Target {
  /** Where the generated files go. */
  readonly folder: string;
  /** Undefined: the folder no longer has a spec, only code generated from one. */
  readonly spec: string | undefined;
}

export const SPEC_NAMES: readonly string[] = ["connector.yaml", "connector.yml", "connector.json"];

/**
 * A path is a spec, a folder with a spec, or a folder of such folders. Throws `generate.nothing` for anything else
 * and `generate.several` for two specs in one folder, whose files would overwrite each other. In the order of the
 * paths, folders sorted by name, each once.
 */
export function findSpecs(
  paths: readonly string[],
  hasGenerated: (folder: string) => boolean,
): Target[] {
  const found = new Map<string, Target>();
  for (const path of paths) {
    for (const target of targetsAt(path, hasGenerated)) {
      const before = found.get(resolve(target.folder));
      if (before === undefined) found.set(resolve(target.folder), target);
      else if (resolve(before.spec ?? "") !== resolve(target.spec ?? "")) {
        throw several(target.folder, [before.spec ?? "", target.spec ?? ""]);
      }
    }
  }
  return [...found.values()];
}

function targetsAt(path: string, hasGenerated: (folder: string) => boolean): Target[] {
  if (!existsSync(path)) {
    throw invalidRequest(
      "generate.nothing",
      `${path} does not exist: give a folder with a connector.yaml, or a folder of such folders`,
    );
  }
  if (!statSync(path).isDirectory()) return [{ folder: dirname(path), spec: path }];
  const own = specIn(path);
  if (own !== undefined) return [{ folder: path, spec: own }];
  const targets = foldersIn(path).map((folder) => ({ folder, spec: specIn(folder) }))
    .filter(({ folder, spec }) => spec !== undefined || hasGenerated(folder));
  if (targets.length > 0) return targets;
  if (hasGenerated(path)) return [{ folder: path, spec: undefined }];
  throw invalidRequest(
    "generate.nothing",
    `${path} has no connector.yaml, and neither has a folder in it: \`vastar init\` writes a first one`,
  );
}

/** Folders that may contain a spec, sorted by name. */
export function foldersIn(path: string): string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules"
    )
    .map((entry) => join(path, entry.name)).sort();
}

function specIn(folder: string): string | undefined {
  const [first, ...others] = SPEC_NAMES.map((name) => join(folder, name))
    .filter((file) => existsSync(file));
  if (first !== undefined && others.length > 0) throw several(folder, [first, ...others]);
  return first;
}

function several(folder: string, specs: readonly string[]): Error {
  return invalidRequest(
    "generate.several",
    `${folder} holds several specs (${specs.join(", ")}): give each a folder of its own`,
  );
}
