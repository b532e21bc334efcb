import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const SKIPPED = new Set(["node_modules", "dist", ".git"]);

/** Files under `root`, as sorted relative paths with `/`, without dependencies and build output. */
export async function listFiles(root: string, extension = ""): Promise<string[]> {
  const found: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) await visit(path);
      } else if (entry.isFile() && path.endsWith(extension)) found.push(path);
    }
  };
  await visit("");
  return found.sort();
}

export async function readText(root: string, file: string): Promise<string> {
  return await readFile(join(root, file), "utf8");
}

/** True for generated files: the wire tables and the connectors' clients. */
export function isGenerated(file: string): boolean {
  return /^src\/(?:wire|ipc)\/gen\//.test(file) || file.endsWith(".gen.ts");
}
