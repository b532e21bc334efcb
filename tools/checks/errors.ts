/** docs/errors.md lists exactly the error codes in the sources. */
import { isGenerated, listFiles, readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";

/** File names look like codes. */
const FILE = /\.(?:yaml|json|[jt]s)$/;
const DOCUMENT = "docs/errors.md";
const CODE = /"([a-z]+\.[a-z]+(?:_[a-z]+)*)"/g;
/** `code: "a.b"`, and the first argument of functions that create errors. */
const GIVEN = /(?:\bcode:|\b(?:invalidRequest|\w*Error)\()\s*"([a-z]+\.[a-z]+(?:_[a-z]+)*)"/g;

export async function checkErrors(root: string): Promise<Problem[]> {
  const text = await readText(root, DOCUMENT);
  const documented = new Map(
    [...text.matchAll(/^\| `([a-z]+\.[a-z_]+)`/gm)].map((
      match,
    ) => [match[1] ?? "", lineAt(text, match.index)]),
  );
  const families = new Set([...documented.keys()].map((code) => code.split(".")[0]));
  const seen = new Set<string>();
  const problems: Problem[] = [];
  for (const file of await listFiles(root, ".ts")) {
    // The simulator sends codes of the APIs that it simulates.
    if (!/^(?:src|cli)\//.test(file) || file.startsWith("src/simulator/") || isGenerated(file)) {
      continue;
    }
    const source = await readText(root, file);
    const given = [...source.matchAll(GIVEN)].map((match) => match[1] ?? "");
    for (const match of source.matchAll(CODE)) {
      const code = match[1] ?? "";
      if (FILE.test(code) && !documented.has(code)) continue;
      const isCode = given.includes(code) || families.has(code.split(".")[0]);
      if (isCode && !seen.has(code) && !documented.has(code)) {
        problems.push({
          file,
          line: lineAt(source, match.index),
          message: `gives the code ${code}, which ${DOCUMENT} does not explain.`,
        });
      }
      seen.add(code);
    }
  }
  for (const [code, line] of documented) {
    if (!seen.has(code)) {
      problems.push({ file: DOCUMENT, line, message: `explains ${code}, which no source gives.` });
    }
  }
  return problems;
}
