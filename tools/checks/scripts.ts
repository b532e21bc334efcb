/**
 * A fresh clone can run every script that a document names: the script exists, and first installs what it needs. A script
 * in package.json does so through its `pre…` script, a Deno task through its dependency.
 */
import { listFiles, readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";

const DEPS = "deps";
const INSTALL = `bun run --silent ${DEPS}`;
/** In code of a document, as a whole word: not `bun run …` and not a file. */
const NAMED = /\b(bun run|deno task) (?:--silent )?([a-z][a-z:]*)(?![\w./-])/g;

interface Task {
  readonly dependencies?: readonly string[];
}

async function read<T>(root: string, file: string): Promise<T> {
  return JSON.parse(await readText(root, file)) as T;
}

export async function checkScripts(root: string): Promise<Problem[]> {
  const { scripts = {} } = await read<{ scripts?: Record<string, string> }>(root, "package.json");
  const { tasks = {} } = await read<{ tasks?: Record<string, string | Task> }>(root, "deno.json");
  const problems: Problem[] = [];
  for (const name of Object.keys(scripts)) {
    const isHook = name.startsWith("pre") && name.slice(3) in scripts;
    if (name === DEPS || isHook || scripts[`pre${name}`] === INSTALL) continue;
    problems.push({
      file: "package.json",
      message: `the script ${name} installs nothing first: add "pre${name}": "${INSTALL}".`,
    });
  }
  for (const [name, task] of Object.entries(tasks)) {
    if (name === DEPS) continue;
    if (typeof task === "object" && task.dependencies?.includes(DEPS) === true) continue;
    problems.push({
      file: "deno.json",
      message: `the task ${name} installs nothing first: give it the dependency "${DEPS}".`,
    });
  }
  for (const file of await listFiles(root, ".md")) {
    const text = await readText(root, file);
    for (const match of text.matchAll(NAMED)) {
      const [, how = "", name = ""] = match;
      const known = how === "bun run" ? scripts : tasks;
      if (name in known) continue;
      problems.push({
        file,
        line: lineAt(text, match.index),
        message: `names \`${how} ${name}\`, which does not exist; there are ${
          Object.keys(known).filter((one) => !one.startsWith("pre")).join(", ")
        }.`,
      });
    }
  }
  return problems;
}
