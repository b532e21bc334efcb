/** A folder in which the programs of a document find the package, as in a project that has it installed. */
import { mkdtemp, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "../../..");
const ENTRIES = [
  "src",
  "cli",
  "codegen",
  "connectors",
  "schemas",
  "mod.ts",
  "package.json",
  "deno.json",
  "node_modules",
];

/** The caller removes it. */
export async function packageFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `vastar-${name}-`));
  for (const entry of ENTRIES) await symlink(join(REPOSITORY, entry), join(folder, entry));
  return folder;
}
