/**
 * docs/errors.md gives each failed exchange the same class and progress of the request as src/http/classify.ts, and each
 * SQLSTATE the same code as src/engine/database/sqlstate.ts.
 */
import { errorClassName } from "../../src/core/errors.ts";
import { sentOf, SQLSTATES } from "../../src/engine/database/sqlstate.ts";
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
  const states = SQLSTATES.filter(({ code, errorClass, states }) => {
    const cells = [errorClassName(errorClass), `\`${sentOf(errorClass)}\``, states.join(", ")];
    return !rows.some((row) =>
      row.code === code && cells.every((cell, at) => cell === row.cells[at])
    );
  }).map(({ code, states }) => ({
    file: DOCUMENT,
    message: `has no row that says of ${code} what src/engine/database/sqlstate.ts does: ${
      states.join(", ")
    }.`,
  }));
  return [...states, ...exchanges(rows)];
}

interface Row {
  readonly code: string | undefined;
  readonly cells: readonly string[];
  readonly line: number;
}

function exchanges(rows: readonly Row[]): Problem[] {
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
