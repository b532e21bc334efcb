/** What each module of the tree imports, read from the syntax: type imports, re-exports and `import()` count too. */
import { posix } from "node:path";
import { ts } from "ts-morph";
import { readText } from "./files.ts";
import { lineAt } from "./problem.ts";

export interface ImportOf {
  readonly specifier: string;
  /** The file meant, relative to the root; undefined for packages and builtins. */
  readonly target: string | undefined;
  readonly line: number;
  /** Erased before anything runs: `import type`, `export type … from`. */
  readonly typeOnly: boolean;
}

/** Where the module names of erased imports stand. */
function erasedPositions(file: string, text: string): Set<number> {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const positions = new Set<number>();
  for (const statement of source.statements) {
    const isImport = ts.isImportDeclaration(statement);
    if (!isImport && !ts.isExportDeclaration(statement)) continue;
    const erased = isImport
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    if (erased) positions.add(statement.moduleSpecifier?.getStart(source) ?? -1);
  }
  return positions;
}

export function importsOf(file: string, text: string): ImportOf[] {
  const erased = erasedPositions(file, text);
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName, pos }) => ({
    specifier: fileName,
    target: fileName.startsWith(".")
      ? posix.normalize(posix.join(posix.dirname(file), fileName))
      : undefined,
    line: lineAt(text, pos),
    typeOnly: erased.has(pos),
  }));
}

export type ImportGraph = ReadonlyMap<string, readonly ImportOf[]>;

export async function readImports(root: string, files: readonly string[]): Promise<ImportGraph> {
  const graph = new Map<string, ImportOf[]>();
  for (const file of files) graph.set(file, importsOf(file, await readText(root, file)));
  return graph;
}

/**
 * Modules that need each other to load, as `[a, b, a]`. Types may refer to each other: a call knows its context and a
 * context its calls, and nothing of that is left when they run.
 */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (file: string): void => {
    const start = trail.indexOf(file);
    if (start !== -1) cycles.push([...trail.slice(start), file]);
    if (start !== -1 || done.has(file)) return;
    trail.push(file);
    for (const { target, typeOnly } of graph.get(file) ?? []) {
      if (target !== undefined && !typeOnly && graph.has(target)) visit(target);
    }
    trail.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
