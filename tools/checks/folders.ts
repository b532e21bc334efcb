/** Folders are small enough to scan, and the layers in lists exist. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { LAYERS } from "../layers.ts";
import { isGenerated, listFiles, readText } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";

const MOST_FILES = 15;

/** Folders that may be wider, each with its reason. */
const WIDER: Readonly<Record<string, string>> = {};

const WRITTEN = /^(?:src|codegen|cli|tools|bench|tests)\//;

async function checkWidth(root: string): Promise<Problem[]> {
  const widths = new Map<string, number>();
  for (const file of await listFiles(root, ".ts")) {
    if (!WRITTEN.test(file) || isGenerated(file)) continue;
    const folder = file.slice(0, file.lastIndexOf("/"));
    widths.set(folder, (widths.get(folder) ?? 0) + 1);
  }
  const problems: Problem[] = [];
  for (const [folder, files] of widths) {
    if (files <= MOST_FILES || WIDER[folder] !== undefined) continue;
    problems.push({
      file: folder,
      message: `has ${files} files, at most ${MOST_FILES} can be scanned: divide it by idea.`,
    });
  }
  for (const folder of Object.keys(WIDER)) {
    if ((widths.get(folder) ?? 0) > MOST_FILES) continue;
    problems.push({
      file: folder,
      message: "needs no exception any more: remove it from WIDER in tools/checks/folders.ts.",
    });
  }
  return problems;
}

async function checkExistence(root: string): Promise<Problem[]> {
  const universal: unknown = JSON.parse(
    (await readText(root, "tsconfig.universal.json")).replace(/^\s*\/\/.*$/gm, ""),
  );
  const included = typeof universal === "object" && universal !== null && "include" in universal
    ? universal.include as readonly string[]
    : [];
  const named = [
    ...Object.keys(LAYERS).map((name) => ["tools/layers.ts", `src/${name}`] as const),
    ...included.map((path) => ["tsconfig.universal.json", path] as const),
  ];
  const problems: Problem[] = [];
  for (const [file, path] of named) {
    if (await access(join(root, path)).then(() => true, () => false)) continue;
    problems.push({ file, message: `names ${path}, which does not exist: remove it.` });
  }
  for (const [name, { universal: isUniversal }] of Object.entries(LAYERS)) {
    if (!isUniversal || included.includes(`src/${name}`)) continue;
    problems.push({
      file: "tsconfig.universal.json",
      message: `lacks src/${name}, which tools/layers.ts calls universal: add it.`,
    });
  }
  return problems;
}

export async function checkFolders(root: string): Promise<Problem[]> {
  return [...await checkWidth(root), ...await checkExistence(root)];
}
