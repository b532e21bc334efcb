/**
 * docs/api.md: the declarations that each entry point exports, without comments, so that a change of the public API
 * shows in a review. `bun tools/api.ts` writes it, `--check` compares. Generated connectors are left out: what they export
 * is committed as it is.
 */
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { type ExportedDeclarations, Node, Project, type SourceFile, ts } from "ts-morph";
import { readText } from "./lib/files.ts";

const FILE = "docs/api.md";
const INTRODUCTION = `# Public API

What each entry point of the package exports. Written by \`bun tools/api.ts\`; a test fails when it is out of date. The
connectors are left out: their \`.gen.ts\` files are in the repository.
`;

/** Declarations need no checker: everything exported has its type written down. */
async function declarations(root: string, entries: readonly string[]): Promise<Project> {
  const project = new Project({
    skipLoadingLibFiles: true,
    useInMemoryFileSystem: true,
    compilerOptions: {
      noLib: true,
      types: [],
      allowImportingTsExtensions: true,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
    },
  });
  const reached = new Set(entries);
  // A set is walked to its end, with what is added on the way.
  for (const file of reached) {
    const source = add(project, file, await readText(root, file));
    for (const from of sourcesOf(source)) reached.add(posix.join(dirname(file), from));
  }
  return project;
}

function add(project: Project, file: string, text: string): SourceFile {
  const { outputText } = ts.transpileDeclaration(text, {
    fileName: file,
    compilerOptions: { removeComments: true, isolatedDeclarations: true },
  });
  return project.createSourceFile(`/${file}`, outputText);
}

/** Where what a file exports is declared: only there the report has to look. */
function sourcesOf(file: SourceFile): string[] {
  const exports = file.getExportDeclarations();
  // What it exports of its own may be what it imports.
  const imports = exports.some((one) => !one.hasModuleSpecifier())
    ? file.getImportDeclarations()
    : [];
  return [...exports, ...imports].map((one) => one.getModuleSpecifierValue() ?? "")
    .filter((specifier) => specifier.startsWith("."));
}

function text(declaration: ExportedDeclarations): string {
  const node = Node.isVariableDeclaration(declaration)
    ? declaration.getVariableStatementOrThrow()
    : declaration;
  return node.getText().replace(/^export (?:default )?/, "").replace(/^declare /, "");
}

export async function apiReport(root: string): Promise<string> {
  const manifest = JSON.parse(await readText(root, "package.json")) as {
    exports: Record<string, string>;
  };
  const entries = Object.entries(manifest.exports)
    .filter(([, file]) => file.endsWith(".ts") && !file.endsWith(".gen.ts"))
    .map(([entry, file]) => [entry, file.replace("./", "")] as const);
  const project = await declarations(root, entries.map(([, file]) => file));
  const sections = entries.map(([entry, file]) => {
    const source = project.getSourceFileOrThrow(`/${file}`);
    const exported = [...source.getExportedDeclarations()].toSorted(([a], [b]) => a < b ? -1 : 1);
    const blocks = exported.map(([, nodes]) => nodes.map(text).join("\n"));
    return `\n## \`@vastar/connector${entry.slice(1)}\`\n\n\`\`\`ts\n${
      blocks.join("\n\n")
    }\n\`\`\`\n`;
  });
  return INTRODUCTION + sections.join("");
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  const report = await apiReport(root);
  if (!process.argv.includes("--check")) {
    await writeFile(join(root, FILE), report);
  } else if (await readFile(join(root, FILE), "utf8") !== report) {
    console.error(`${FILE} is out of date: bun tools/api.ts`);
    process.exit(1);
  }
}
