/** Where a folder is: in a project with this package, in the package itself, or in neither. */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { isThisPackage, PACKAGE } from "../codegen/generate/this_package.ts";

const SCHEMA = "schemas/connector.schema.json";

export interface Project {
  /** Relative path of the JSON Schema for editors; where it will be if the package is not installed yet. */
  readonly schema: string;
  /** Whether generated code finds its runtime. */
  readonly installed: boolean;
}

/** `folder` need not exist yet. */
export function projectOf(folder: string, cwd: string): Project {
  const start = resolve(cwd, folder);
  const found = (root: string, installed: boolean): Project => ({
    schema: relative(start, join(root, SCHEMA)).replaceAll("\\", "/"),
    installed,
  });
  let nearest: string | undefined;
  for (let at = start;; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (isThisPackage(manifest)) return found(at, true);
    const installed = join(at, "node_modules", PACKAGE);
    if (existsSync(join(installed, "package.json"))) return found(installed, true);
    if (nearest === undefined && existsSync(manifest)) nearest = at;
    if (dirname(at) === at) break;
  }
  return found(join(nearest ?? cwd, "node_modules", PACKAGE), false);
}
