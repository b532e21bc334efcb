/**
 * A mutex between processes for the few milliseconds in which a socket path is examined and taken or released. Not every
 * runtime has flock, so it is a file that appears complete (link of a written file) or not at all.
 */
import { link, open, readFile, rename, stat, unlink } from "node:fs/promises";
import process from "node:process";
import { listenError, systemCode } from "./listen_error.ts";

/** Holders need milliseconds: one older than this is dead, even if another process now has its process id. */
const ABANDONED_AFTER_MS = 10_000;
const POLL_MS = 10;
const WAIT_LIMIT_MS = 15_000;

let serial = 0;

/** Runs `work` while holding `path`. Rejects with `listen.locked` if another process holds it for too long. */
export async function withLockFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  const own = `${path}.${process.pid}-${++serial}`;
  const file = await open(own, "wx", 0o600);
  try {
    await file.writeFile(`${process.pid}\n${own}\n`);
    await file.close();
    await acquire(path, own);
    try {
      return await work();
    } finally {
      await release(path, own);
    }
  } finally {
    await unlink(own).catch(() => {});
  }
}

async function acquire(path: string, own: string): Promise<void> {
  const until = Date.now() + WAIT_LIMIT_MS;
  while (true) {
    try {
      // Fails if the name exists, whatever it is: a planted symlink is not followed.
      await link(own, path);
      return;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    }
    if (await removeIfAbandoned(path, own)) continue;
    if (Date.now() > until) {
      throw listenError(
        "listen.locked",
        `${path} has been held by another process for ${WAIT_LIMIT_MS / 1000} s; ` +
          "if none is starting or stopping, delete that file.",
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function removeIfAbandoned(path: string, own: string): Promise<boolean> {
  try {
    const text = await readFile(path, "utf8");
    const { mtimeMs } = await stat(path);
    const old = Date.now() - mtimeMs > ABANDONED_AFTER_MS;
    if (!old && isAlive(Number.parseInt(text, 10))) return false;
    // Two processes may get here at once: the loser has moved a fresh lock away and puts it back.
    const aside = `${own}.aside`;
    await rename(path, aside);
    const moved = await readFile(aside, "utf8");
    if (moved !== text) await link(aside, path).catch(() => {});
    await unlink(aside);
    return moved === text;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return true;
    throw error;
  }
}

async function release(path: string, own: string): Promise<void> {
  try {
    const [held, mine] = await Promise.all([stat(path), stat(own)]);
    if (held.ino === mine.ino && held.dev === mine.dev) await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}
