/**
 * A Unix socket path that is safe to take and to release.
 *
 * When a listener closes, runtimes unlink the path it was bound to, whoever owns the path by then; and they create the
 * file with whatever the umask leaves. So the socket is bound inside a private folder, restricted, and only then renamed
 * to its place: nobody can connect before it is 0600, a stale file is replaced in one step, and the runtime's own
 * unlink finds nothing.
 */
import { chmod, lstat, mkdtemp, rename, rm, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { listenError, systemCode, toListenError } from "./listen_error.ts";
import type { ListenOptions } from "./listener.ts";
import { withLockFile } from "./lock_file.ts";

/** `sun_path` of Linux holds 108 bytes with its terminating zero, that of macOS and the BSDs 104. */
const MAX_PATH_BYTES = 103;
const PROBE_MS = 1_000;

export interface SocketFile<T> {
  readonly bound: T;
  /** Removes the file if it is still the one that was bound. Call it before the listener closes. */
  release(): Promise<void>;
}

/**
 * Takes `path` with the socket that `bind` creates. `bind` gets a different path to bind to; `unbind` undoes it if the rest fails.
 */
export async function takeSocketFile<T>(
  path: string,
  bind: (temporaryPath: string) => Promise<T>,
  unbind: (bound: T) => Promise<void>,
  { takeOver = false }: ListenOptions = {},
): Promise<SocketFile<T>> {
  const full = resolve(path);
  const lock = `${full}.lock`;
  const address = { kind: "unix", path } as const;
  try {
    return await withLockFile(lock, async () => {
      await refuseUnlessFree(full, takeOver);
      const folder = await mkdtemp(join(dirname(full), ".v"));
      try {
        const temporary = join(folder, "s");
        checkLength(full, temporary);
        const bound = await bind(temporary);
        try {
          await chmod(temporary, 0o600);
          const { dev, ino } = await lstat(temporary);
          await rename(temporary, full);
          return { bound, release: () => release(full, lock, dev, ino) };
        } catch (error) {
          await unbind(bound);
          throw error;
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    });
  } catch (error) {
    throw toListenError(error, address);
  }
}

/** Passes if nothing is there, or a socket that does not answer or is to be taken over. */
async function refuseUnlessFree(path: string, takeOver: boolean): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (found.isSymbolicLink()) {
    throw listenError(
      "listen.symlink",
      `${path} is a symbolic link, and a socket is not created through one. Delete it or choose another path.`,
    );
  }
  if (!found.isSocket()) {
    throw listenError(
      "listen.not_a_socket",
      `${path} exists and is not a socket; it was left alone. Delete it or choose another path.`,
    );
  }
  if (!takeOver && await answers(path)) {
    throw listenError(
      "listen.in_use",
      `unix:${path} is in use by another process; stop that process or choose another path.`,
    );
  }
}

/** Whether a process accepts connections there. Anything but a refusal counts as yes: never take what may be alive. */
async function answers(path: string): Promise<boolean> {
  // Loaded only here: if nothing is found, Bun's daemon does not need node:net and its memory.
  const { connect } = await import("node:net");
  return await new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(alive);
    };
    const timer = setTimeout(() => settle(true), PROBE_MS);
    socket.once("connect", () => settle(true));
    socket.once("error", (error) => {
      settle(systemCode(error) !== "ECONNREFUSED" && systemCode(error) !== "ENOENT");
    });
  });
}

async function release(path: string, lock: string, dev: number, ino: number): Promise<void> {
  await withLockFile(lock, async () => {
    // The listener is still open, so its inode number cannot have been given to another file.
    const found = await lstat(path).catch(() => undefined);
    if (found?.ino === ino && found.dev === dev) await unlink(path);
  }).catch((error: unknown) => {
    // The folder is gone, and the socket with it.
    if (systemCode(error) !== "ENOENT") throw error;
  });
}

function checkLength(path: string, temporary: string): void {
  const longest = Math.max(byteLength(path), byteLength(temporary));
  if (longest <= MAX_PATH_BYTES) return;
  const over = longest - MAX_PATH_BYTES;
  throw listenError(
    "listen.path_too_long",
    `unix:${path} is ${over} ${
      over === 1 ? "byte" : "bytes"
    } too long for a socket path; choose a shorter folder.`,
  );
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
