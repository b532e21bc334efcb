/** Sealed refresh tokens in a file, whole at any moment and its owner's alone. */
import { open, readFile, rename, unlink } from "node:fs/promises";
import type { TokenStorage } from "../../worker/mod.ts";

export function tokenFile(path: string): TokenStorage {
  return {
    async read() {
      return await readFile(path, "utf8").catch((error: unknown) => {
        if ((error as { code?: unknown }).code === "ENOENT") return undefined;
        throw error;
      });
    },
    async write(sealed) {
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
    },
  };
}
