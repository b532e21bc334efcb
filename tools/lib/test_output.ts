/** Reads the output of `bun test` and `deno test`: what failed, and where a run hung. */

/** A test has ended: the sign of life of a run. */
export const TEST_ENDED: RegExp = /^\((?:pass|fail|skip|todo)\) |\.\.\. (?:ok|FAILED|ignored)\b/m;

const BUN_FILE = /^(\S+\.test\.tsx?):$/;
const DENO_FILE = /^running \d+ tests? from (\S+)$/;
const MAX_LINES = 200;

/** The relevant output of a failed run: without passed tests, but never empty. */
export function failuresOf(output: string): string {
  const lines = output.trim().split("\n");
  const errors = lines.findIndex((line) => line.trim() === "ERRORS");
  if (errors !== -1) return lines.slice(errors + 1).join("\n").trim();
  const kept = lines.filter((line) =>
    !/^\((?:pass|skip|todo)\) |\.\.\. (?:ok|ignored)\b/.test(line)
  );
  // A heading that is followed by another has nothing to show.
  const shown = kept.filter((line, index) => {
    const next = kept.slice(index + 1).find((other) => other.trim() !== "");
    return !BUN_FILE.test(line) || (next !== undefined && !BUN_FILE.test(next));
  });
  return shown.slice(-MAX_LINES).join("\n").replace(/\n{3,}/g, "\n\n").trim();
}

/** Where a killed run hung, as far as its output shows. `files` are the files it ran. */
export function hungAt(output: string, files: readonly string[]): string {
  let file: string | undefined;
  let ended: string | undefined;
  let open: string[] = [];
  for (const line of output.split("\n")) {
    const heading = BUN_FILE.exec(line)?.[1] ?? DENO_FILE.exec(line)?.[1];
    if (heading !== undefined) [file, ended, open] = [heading.replace(/^\.\//, ""), undefined, []];
    const bun = /^\((?:pass|fail|skip|todo)\) (.+?)(?: \[[\d.]+m?s\])?$/.exec(line)?.[1];
    if (bun !== undefined) ended = bun;
    const deno = /^( *)(\S.*?) \.\.\.(?: (?:ok|FAILED|ignored)\b.*)?$/.exec(line);
    if (deno === null) continue;
    const [, indent = "", name = ""] = deno;
    const finished = !line.endsWith("...");
    open = open.slice(0, indent.length / 2);
    if (finished) ended = [...open, name].join(" > ");
    else open.push(name);
  }
  // Deno's is the module that loads all files, each of which is a suite.
  const path = open[0] ?? ended?.split(" > ")[0];
  if (path !== undefined && files.includes(path)) {
    file = path;
    ended = ended?.startsWith(`${path} > `) === true ? ended.slice(path.length + 3) : undefined;
    open = open.slice(1);
  }
  if (file === undefined) return `before the first test of ${files.join(", ")}`;
  if (open.length > 0) return `in "${open.join(" > ")}" of ${file}`;
  return ended === undefined
    ? `in ${file}, before its first test ended`
    : `in ${file}, after "${ended}"`;
}
