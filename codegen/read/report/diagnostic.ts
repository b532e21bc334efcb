/** A problem in a spec, for people and tools. */
export interface Diagnostic {
  /** Stable: `VC1203`. Listed in docs/diagnostics.md. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** Number of characters concerned on this line, at least 1. */
  readonly length: number;
  /** What was found. */
  readonly message: string;
  /** What would be right. */
  readonly help: string;
  /** Its line, without the line break; long ones are truncated. */
  readonly excerpt: string;
  /** Column of the caret within `excerpt`, from 1. */
  readonly caret: number;
}
