/** Where generated files import their runtime from. */
import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { DEFAULT_RUNTIME } from "../emit/plan.ts";
import { isThisPackage } from "./this_package.ts";

const ENTRY = "src/connector/mod.ts";

/** A relative path within the sources of this package, else the package's entry. */
export function runtimeSpecifier(folder: string): string {
  const start = resolve(folder);
  for (let at = start; dirname(at) !== at; at = dirname(at)) {
    const manifest = join(at, "package.json");
    if (!existsSync(manifest)) continue;
    if (!isThisPackage(manifest) || !existsSync(join(at, ENTRY))) return DEFAULT_RUNTIME;
    const path = relative(start, join(at, ENTRY)).replaceAll("\\", "/");
    return path.startsWith(".") ? path : `./${path}`;
  }
  return DEFAULT_RUNTIME;
}
