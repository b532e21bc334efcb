/** A position in a source file, for messages and comments. Lines and columns count from 1. */
export interface Position {
  /** Path as given by the caller, or relative to it for imported files. */
  readonly file: string;
  readonly line: number;
  /** In UTF-16 code units, as editors count. */
  readonly column: number;
}
