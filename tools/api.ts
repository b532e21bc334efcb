/**
 * docs/api.md: the declarations that each entry point exports, without comments, so that a change of the public API
 * shows in a review. `bun tools/api.ts` writes it, `--check` compares. Generated connectors are left out: what they export
 * is committed as it is.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type ExportedDeclarations, Node, Project, ts } from "ts-morph";
import { listFiles, readText } from "./lib/files.ts";

const FILE = "docs/api.md";
const INTRODUCTION = `# Public API

What each entry point of the package exports. Written by \`bun tools/api.ts\`; a test fails when it is out of date. The
connectors are left out: their \`.gen.ts\` files are in the repository.
`;

/** Declarations need no checker: everything exported has its type written down. */
async function declarations(root: string): Promise<Project> {
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
  for (const file of await listFiles(root, ".ts")) {
    if (file.endsWith(".d.ts")) continue;
    if (/^(?:src|codegen)\/|^mod\.ts$/.test(file)) add(project, file, await readText(root, file));
  }
  return project;
}

function add(project: Project, file: string, text: string): void {
  const { outputText } = ts.transpileDeclaration(text, {
    fileName: file,
    compilerOptions: { removeComments: true, isolatedDeclarations: true },
  });
  project.createSourceFile(`/${file}`, outputText);
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
  const project = await declarations(root);
  const sections = Object.entries(manifest.exports)
    .filter(([, file]) => file.endsWith(".ts") && !file.endsWith(".gen.ts"))
    .map(([entry, file]) => {
      const source = project.getSourceFileOrThrow(`/${file.replace("./", "")}`);
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
