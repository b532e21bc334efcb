/**
 * Universal code type-checks without the types of any runtime. A dependency can bring such types in through a
 * reference of its own and make the check worthless, so the participating files are checked too.
 */
import { runtime } from "../../tests/support/runtimes.ts";
import { COMPILER } from "../lib/compiler.ts";
import { run } from "../lib/run.ts";
import { listFiles, readText } from "../lib/files.ts";
import { lineAt, type Problem } from "../lib/problem.ts";
import { layerOf, LAYERS } from "../layers.ts";

const RUNTIME_TYPES = /node_modules\/(?:@types\/(?:node|bun|deno)|bun-types)\//;

/** Casting the global object hides a runtime's name from the compiler. */
const DODGE = /globalThis[^;\n]{0,80}\b(?:Bun|Deno|process|Buffer)\b/g;

async function findDodges(root: string): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const file of await listFiles(root, ".ts")) {
    const layer = LAYERS[layerOf(file) ?? ""];
    if (layer?.universal !== true) continue;
    const text = await readText(root, file);
    for (const match of text.matchAll(DODGE)) {
      problems.push({
        file,
        line: lineAt(text, match.index),
        message: "reaches for one runtime behind the compiler's back: ask the Platform for it.",
      });
    }
  }
  return problems;
}

const COMPILER_ERROR = /^(.+?)\((\d+),\d+\): (error .+)$/gm;

export async function checkUniversal(root: string): Promise<Problem[]> {
  const tsc = [...COMPILER, "-p", "tsconfig.universal.json", "--listFiles"];
  const { ok, output } = await run(runtime("bun").path, tsc, { cwd: root });
  if (!ok) {
    const errors = [...output.matchAll(COMPILER_ERROR)].map((
      [, file = "", line, message = ""],
    ) => ({
      file,
      line: Number(line),
      message,
    }));
    return errors.length > 0
      ? errors
      : [{ file: "tsconfig.universal.json", message: output.trim() }];
  }
  const leaked = output.split("\n").find((line) => RUNTIME_TYPES.test(line));
  if (leaked !== undefined) {
    return [{
      file: "tsconfig.universal.json",
      message: `proves nothing: ${
        leaked.slice(leaked.indexOf("node_modules"))
      } was part of the check.`,
    }];
  }
  return await findDodges(root);
}
