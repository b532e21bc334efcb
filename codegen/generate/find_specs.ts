/** Which specs are meant by the paths of a command line. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { invalidRequest } from "../../src/core/errors.ts";

export interface Target {
  /** Where the generated files go. */
  readonly folder: string;
  /** Undefined: the folder has no spec any more, only what was once generated from one. */
  readonly spec: string | undefined;
}

const SPEC_NAMES = ["connector.yaml", "connector.yml", "connector.json"];

/**
 * A path is a spec, a folder with a spec, or a folder of such folders. Throws `generate.nothing` for one that is none of
 * them. In the order of the paths, folders in the order of their names, each once.
 */
export function findSpecs(
  paths: readonly string[],
  hasGenerated: (folder: string) => boolean,
): Target[] {
  const found = new Map<string, Target>();
  for (const path of paths) {
    for (const target of targetsAt(path, hasGenerated)) found.set(target.folder, target);
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
  const inner = readdirSync(path, { withFileTypes: true })
    .filter((entry) =>
      entry.isDirectory() && !entry.name.startsWith(".") && entry.name !== "node_modules"
    )
    .map((entry) => join(path, entry.name)).sort();
  const targets = inner.map((folder) => ({ folder, spec: specIn(folder) }))
    .filter(({ folder, spec }) => spec !== undefined || hasGenerated(folder));
  if (targets.length > 0) return targets;
  if (hasGenerated(path)) return [{ folder: path, spec: undefined }];
  throw invalidRequest(
    "generate.nothing",
    `${path} has no ${
      basename(SPEC_NAMES[0] ?? "")
    }, and neither has a folder in it: \`vastar init\` writes a first one`,
  );
}

function specIn(folder: string): string | undefined {
  return SPEC_NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
}
