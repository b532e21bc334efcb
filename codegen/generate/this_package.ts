/** Whether code is generated within this package's sources, where it imports its runtime differently. */
import { readFileSync } from "node:fs";

export const PACKAGE = "@vastar/connector";

/** False for a manifest that is missing or broken. */
export function isThisPackage(manifest: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(manifest, "utf8"));
    return typeof content === "object" && content !== null && "name" in content &&
      content.name === PACKAGE;
  } catch {
    return false;
  }
}
