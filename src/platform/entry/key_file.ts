/** A file of API keys: read again when it changes, so that a key that is revoked ends within a second. */
import { open, readFile, rename, stat, unlink } from "node:fs/promises";
import { ConnectorError } from "../../core/errors.ts";
import { withLockFile } from "../../daemon/listen/lock_file.ts";
import type { ApiKey, KeySource } from "../../worker/mod.ts";
import { parseKeys, unreadable } from "./key_list.ts";

/** How long the file is assumed to be unchanged. */
const FRESH_MS = 1_000;

/** Empty if there is no file. Rejects with `keys.file` if it is not a file of keys. */
export async function readKeys(path: string): Promise<readonly ApiKey[]> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw unreadable(path, "it cannot be read", error);
  });
  return text === undefined ? [] : parseKeys(text, path);
}

/** Changes the keys; concurrent changes wait. The file is complete at any moment, and only its owner can read it. */
export async function changeKeys(
  path: string,
  change: (keys: readonly ApiKey[]) => readonly ApiKey[],
): Promise<void> {
  await withLockFile(`${path}.lock`, async () => {
    const keys = change(await readKeys(path));
    const next = `${path}.next`;
    await unlink(next).catch(() => {});
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ keys }, null, 2)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  });
}

/**
 * The keys in a file, checked for changes at most once a second. If the file is broken, the previous keys stay, and `onError` says
 * why. Rejects with `keys.file` for one that is broken from the start.
 */
export async function keyFile(
  path: string,
  onError: (text: string) => void,
  now: () => number = () => performance.now(),
): Promise<KeySource> {
  let version = await versionOf(path);
  let keys = byId(await readKeys(path));
  let checked = now();
  const refresh = async (): Promise<void> => {
    const found = await versionOf(path);
    if (found === version) return;
    version = found;
    try {
      keys = byId(await readKeys(path));
    } catch (error) {
      onError(error instanceof ConnectorError ? error.message : String(error));
    }
  };
  let refreshing: Promise<void> | undefined;
  return {
    async find(id) {
      if (now() - checked >= FRESH_MS) {
        refreshing ??= refresh().finally(() => {
          checked = now();
          refreshing = undefined;
        });
        await refreshing;
      }
      return keys.get(id);
    },
  };
}

function byId(keys: readonly ApiKey[]): ReadonlyMap<string, ApiKey> {
  return new Map(keys.map((key) => [key.id, key]));
}

async function versionOf(path: string): Promise<string> {
  return await stat(path).then(
    ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
    () => "",
  );
}
