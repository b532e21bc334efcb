/** The last policy of all that was good, in a file: a runtime that starts while the store is away goes on with it. */
import { readFile, rename, writeFile } from "node:fs/promises";
import process from "node:process";

export async function readCopy(file: string): Promise<string | undefined> {
  return await readFile(file, "utf8").catch(() => undefined);
}

/** Whole or not at all. */
export async function writeCopy(file: string, policy: string): Promise<void> {
  const fresh = `${file}.${process.pid}`;
  await writeFile(fresh, policy, { mode: 0o600 });
  await rename(fresh, file);
}
