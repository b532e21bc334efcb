/** Whether whoever listens on a socket is this user or root. */
import { lstat } from "node:fs/promises";
import process from "node:process";

const ROOT = 0;

/** False for what cannot be looked at, for links, and on systems without users. */
export async function ownsSocket(path: string): Promise<boolean> {
  const user = process.geteuid?.();
  if (user === undefined) return false;
  try {
    const found = await lstat(path);
    return found.isSocket() && (found.uid === user || found.uid === ROOT);
  } catch {
    return false;
  }
}
