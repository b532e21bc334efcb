/** Reading files: the one place of loading that touches the disk. */
import { readFileSync, realpathSync, statSync } from "node:fs";

/** How files are read; tests and editors give their own. */
export interface LoadIo {
  /** Throws when there is none. */
  read(path: string): Uint8Array;
  /** The path with symbolic links resolved. Throws when there is none. */
  realPath(path: string): string;
  /** Bytes, so that a huge file is refused without being read. */
  size(path: string): number;
}

export const diskIo: LoadIo = {
  read: (path) => readFileSync(path),
  realPath: (path) => realpathSync(path),
  size: (path) => statSync(path).size,
};
