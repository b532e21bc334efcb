/** One finding of a check: where, what is wrong and what would be right. */
export interface Problem {
  /** Relative to the root of the tree. */
  readonly file: string;
  /** From 1; absent for the whole file. */
  readonly line?: number;
  readonly message: string;
}

/** Checks the tree under `root` and reports everything wrong with it. */
export type Check = (root: string) => Promise<Problem[]>;

export function describeProblem(problem: Problem): string {
  const line = problem.line === undefined ? "" : `:${problem.line}`;
  return `${problem.file}${line}: ${problem.message}`;
}

/** The line of an offset, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}
