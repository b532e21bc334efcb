/** Source files stay small: one idea each. */
import { isGenerated, listFiles, readText } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";

const MOST_LINES = 400;

/** Files that may be longer, each with its reason. */
const LONGER: Readonly<Record<string, string>> = {};

export async function checkSizes(root: string): Promise<Problem[]> {
  const files = (await listFiles(root, ".ts"))
    .filter((file) =>
      /^(src|codegen|cli|tools|bench)\/|^mod\.ts$/.test(file) && !isGenerated(file)
    );
  const problems: Problem[] = [];
  for (const file of files) {
    const lines = (await readText(root, file)).split("\n").length - 1;
    if (lines > MOST_LINES && LONGER[file] === undefined) {
      problems.push({
        file,
        message: `has ${lines} lines, at most ${MOST_LINES} are usual: split it by idea.`,
      });
    }
  }
  return problems;
}
