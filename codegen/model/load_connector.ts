import type { Diagnostic } from "../check/diagnostic.ts";
import type { ConnectorModel } from "./ir.ts";

/** How files are read; tests and editors give their own. */
export interface LoadIo {
  /** Throws when there is none. */
  read(path: string): Uint8Array;
  /** The path with symbolic links resolved. */
  realPath(path: string): string;
}

export interface LoadResult {
  /** Only when there is no diagnostic of severity error. */
  readonly model?: ConnectorModel;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads, checks and resolves one connector spec. Never throws for what the file says. */
export declare function loadConnector(
  source: string | { readonly path: string; readonly text: string },
  io?: LoadIo,
): LoadResult;
