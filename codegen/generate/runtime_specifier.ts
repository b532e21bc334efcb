/** What generated files import their runtime from. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { DEFAULT_RUNTIME } from "../emit/plan.ts";

const ENTRY = "src/connector/mod.ts";

/** A relative path inside of the sources of this package, else the package's entry. */
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

function isThisPackage(manifest: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof content === "object" && content !== null && "name" in content &&
      content.name === "@vastar/connector";
  } catch {
    return false;
  }
}
