/** Reads files: the only part of loading that touches the disk. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";

/** How files are read; tests and editors provide their own. */
export interface LoadIo {
  /** Throws if there is none. */
  read(path: string): Uint8Array;
  /** The path with symbolic links resolved. Throws if it does not exist. */
  realPath(path: string): string;
  /** Size in bytes, so that a huge file is refused without reading it. Throws unless it is a file: a pipe may never end. */
  size(path: string): number;
}

/** `code` of the error for a pipe or a device. */
export const NOT_A_FILE = "NOT_A_FILE";

export const diskIo: LoadIo = {
  read: (path) => readFileSync(path),
  realPath: (path) => realpathSync(path),
  size: (path) => {
    const stat = statSync(path);
    if (stat.isFile() || stat.isDirectory()) return stat.size;
    throw Object.assign(new Error(`${path} is not a file`), { code: NOT_A_FILE });
  },
};

/** Relative paths start from `cwd`, so that messages can show them as given. */
export function diskIoFrom(cwd: string): LoadIo {
  return {
    read: (path) => diskIo.read(resolve(cwd, path)),
    realPath: (path) => diskIo.realPath(resolve(cwd, path)),
    size: (path) => diskIo.size(resolve(cwd, path)),
  };
}
