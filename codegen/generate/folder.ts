/** What a folder holds against what it should hold. Only files that carry the header are ours. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type GeneratedFile, HEADER_MARK } from "../emit/file.ts";

export type Change =
  | {
    readonly kind: "write";
    readonly path: string;
    readonly text: string;
    readonly exists: boolean;
  }
  | { readonly kind: "remove"; readonly path: string }
  /** A file that nobody generated stands where one should go. */
  | { readonly kind: "foreign"; readonly path: string };

export function hasGenerated(folder: string): boolean {
  return generatedNames(folder).length > 0;
}

export function compareFolder(folder: string, files: readonly GeneratedFile[]): Change[] {
  const changes: Change[] = [];
  for (const { name, text } of files) {
    const path = join(folder, name);
    const before = existsSync(path) ? readFileSync(path, "utf8") : undefined;
    if (before === text) continue;
    if (before !== undefined && !before.startsWith(HEADER_MARK)) {
      changes.push({ kind: "foreign", path });
    } else changes.push({ kind: "write", path, text, exists: before !== undefined });
  }
  const wanted = new Set(files.map((file) => file.name));
  for (const name of generatedNames(folder)) {
    if (!wanted.has(name)) changes.push({ kind: "remove", path: join(folder, name) });
  }
  return changes;
}

export function apply(change: Change): void {
  if (change.kind === "write") writeFileSync(change.path, change.text);
  else if (change.kind === "remove") rmSync(change.path);
}

function generatedNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".gen.ts"))
    .map((entry) => entry.name)
    .filter((name) => readFileSync(join(folder, name), "utf8").startsWith(HEADER_MARK))
    .sort();
}
