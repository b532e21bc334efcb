/** What each module of the tree imports, read from the syntax: type imports, re-exports and `import()` count too. */
import { posix } from "node:path";
import { ts } from "ts-morph";
import { readText } from "./files.ts";
import { lineAt } from "./problem.ts";

export interface ImportOf {
  readonly specifier: string;
  /** The imported file, relative to the root; undefined for packages and builtins. */
  readonly target: string | undefined;
  readonly line: number;
}

export function importsOf(file: string, text: string): ImportOf[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    target: fileName.startsWith(".")
      ? posix.normalize(posix.join(posix.dirname(file), fileName))
      : undefined,
    line: lineAt(text, pos),
  }));
}

export type ImportGraph = ReadonlyMap<string, readonly ImportOf[]>;

export async function readImports(root: string, files: readonly string[]): Promise<ImportGraph> {
  const graph = new Map<string, ImportOf[]>();
  for (const file of files) graph.set(file, importsOf(file, await readText(root, file)));
  return graph;
}

/** Modules that import each other, even just for types, as `[a, b, a]`: neither can be understood first. */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    const start = trail.indexOf(file);
    if (start !== -1) cycles.push([...trail.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    trail.push(file);
    for (const { target } of graph.get(file) ?? []) {
      if (target !== undefined && graph.has(target)) visit(target);
    }
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
