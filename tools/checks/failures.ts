/** docs/errors.md gives each failed exchange the same class and progress of the request as src/http/classify.ts. */
import { errorClassName } from "../../src/core/errors.ts";
import { FAILURES } from "../../src/http/classify.ts";
import { readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";

const DOCUMENT = "docs/errors.md";
const TABLE = "src/http/classify.ts";

export async function checkFailures(root: string): Promise<Problem[]> {
  const text = await readText(root, DOCUMENT);
  const rows = [...text.matchAll(/^\| `([a-z]+\.[a-z_]+)` *\|(.*)\|$/gm)].map((match) => ({
    code: match[1],
    cells: (match[2] ?? "").split("|").map((cell) => cell.trim()),
    line: lineAt(text, match.index),
  }));
  return FAILURES.flatMap(({ code, errorClass, sent, broken }) => {
    const name = broken ? "Transient or Permanent" : errorClassName(errorClass);
    const how = broken ? "`maybe` or `committed`" : `\`${sent}\``;
    const own = rows.filter((row) => row.code === code);
    const wrong = own.filter(({ cells }) => cells[0] !== name).map(({ cells, line }) => ({
      file: DOCUMENT,
      line,
      message: `says of ${code} that it is ${cells[0]}; ${TABLE} says ${name}.`,
    }));
    if (own.some(({ cells }) => cells[1] === how)) return wrong;
    const missing = {
      file: DOCUMENT,
      message: `has no row that says of ${code}: ${name}, ${how}.`,
    };
    return [...wrong, missing];
  });
}
