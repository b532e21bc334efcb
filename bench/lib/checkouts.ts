/** Another commit of this repository, in a folder of its own. */
import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

export const ROOT: string = join(import.meta.dirname, "../..");

export interface Checkout extends AsyncDisposable {
  readonly folder: string;
  /** Short id of its commit. */
  readonly name: string;
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout.trim();
  throw new Error(`${program} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}

/** @param commit anything that git accepts as one. */
export async function checkout(commit: string): Promise<Checkout> {
  const name = run("git", ["rev-parse", "--short", "--verify", `${commit}^{commit}`], ROOT);
  const parent = await mkdtemp(join(tmpdir(), "vastar-against-"));
  const folder = join(parent, name);
  run("git", ["worktree", "add", "--quiet", "--detach", folder, name], ROOT);
  const lock = (where: string): Promise<string> => readFile(join(where, "bun.lock"), "utf8");
  if (await lock(folder) === await lock(ROOT)) {
    await symlink(join(ROOT, "node_modules"), join(folder, "node_modules"));
  } else run(process.execPath, ["install", "--frozen-lockfile"], folder);
  return {
    folder,
    name,
    async [Symbol.asyncDispose]() {
      run("git", ["worktree", "remove", "--force", folder], ROOT);
      await rm(parent, { recursive: true, force: true });
    },
  };
}
