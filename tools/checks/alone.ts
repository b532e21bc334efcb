/** The list of test files that run alone names files that exist, and says why. */
import { ALONE } from "../../tests/alone.ts";
import { listFiles } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";

const LIST = "tests/alone.ts";

export async function checkAlone(
  root: string,
  alone: Readonly<Record<string, string>> = ALONE,
): Promise<Problem[]> {
  const files = new Set(await listFiles(root, ".test.ts"));
  return Object.entries(alone).flatMap(([file, reason]) => {
    if (!files.has(file)) {
      return [{
        file: LIST,
        message: `names ${file}, which does not exist: follow the file, or delete the line.`,
      }];
    }
    return reason.trim() === ""
      ? [{ file: LIST, message: `does not say why ${file} has to run alone.` }]
      : [];
  });
}
