/** Sealed refresh tokens in a file, whole at any moment and its owner's alone. */
import { open, readFile, rename, stat, unlink } from "node:fs/promises";
import type { TokenStorage } from "../../worker/mod.ts";

const AGAIN_MS = 20;
/** No writer holds the lock that long, unless it was killed. */
const STALE_MS = 10_000;

export function tokenFile(path: string): TokenStorage {
  return {
    read: () => textOf(path),
    replace: (before, sealed) =>
      locked(`${path}.lock`, async () => {
        if (await textOf(path) !== before) return false;
        const next = `${path}.next`;
        await unlink(next).catch(() => {});
        const file = await open(next, "wx", 0o600);
        try {
          await file.writeFile(sealed);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(next, path);
        return true;
      }),
  };
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
}

/** One process at a time: a worker and `vastar login` may write at the same moment. */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      await (await open(path, "wx", 0o600)).close();
      break;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const since = await stat(path).then(({ mtimeMs }) => mtimeMs, () => Date.now());
    if (Date.now() - since > STALE_MS) await unlink(path).catch(() => {});
    else await new Promise((wake) => setTimeout(wake, AGAIN_MS));
  }
  try {
    return await work();
  } finally {
    await unlink(path).catch(() => {});
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
