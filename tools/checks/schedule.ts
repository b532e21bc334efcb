/** The lists of test files that run differently name files that exist, and say why. */
import { ALONE, ONCE } from "../../tests/schedule.ts";
import { listFiles } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";

const LIST = "tests/schedule.ts";

export async function checkSchedule(
  root: string,
  lists: readonly Readonly<Record<string, string>>[] = [ALONE, ONCE],
): Promise<Problem[]> {
  const files = await listFiles(root, ".test.ts");
  return lists.flatMap(Object.entries<string>).flatMap(([file, reason]) => {
    const exists = file.endsWith("/")
      ? files.some((one) => one.startsWith(file))
      : files.includes(file);
    if (!exists) {
      return [{
        file: LIST,
        message: `names ${file}, which does not exist: follow the file, or delete the line.`,
      }];
    }
    return reason.trim() === ""
      ? [{ file: LIST, message: `does not say why ${file} is listed.` }]
      : [];
  });
}
