/**
 * `bun run build`: builds the npm package in dist/. JavaScript with declarations, laid out like the sources, so
 * that entry points and `#platform` are the same paths with a different extension.
 */
import { chmod, copyFile, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { ts } from "ts-morph";
import { runtime } from "../tests/support/runtimes.ts";
import { COMPILER } from "./lib/compiler.ts";
import { listFiles, readText } from "./lib/files.ts";
import { run } from "./lib/run.ts";
import { billOfMaterials } from "./sbom.ts";

const root = join(import.meta.dirname, "..");
const COMMAND = "cli/main";
const PUBLISHED_NODE = ">=20";

/** The path of `./src/a.ts` in the package. */
function built(path: string): string {
  return path.replace(/\.ts$/, ".js");
}

/** The compiler leaves `.ts` in the imports of declarations, where only some resolvers read it as `.d.ts`. */
export function portDeclarations(text: string): string {
  let result = text;
  for (const { fileName, end } of ts.preProcessFile(text, true, true).importedFiles.toReversed()) {
    if (!fileName.startsWith(".") || !fileName.endsWith(".ts")) continue;
    // `end` is the end of the name within its quotes; names are in order, so replacing from the back keeps positions valid.
    const start = result.lastIndexOf(fileName, end);
    result = result.slice(0, start) + built(fileName) + result.slice(start + fileName.length);
  }
  return result;
}

type Json = Record<string, unknown>;

export function publishedManifest(manifest: Json): Json {
  const { name, version, description, license, type, sideEffects, engines } = manifest;
  const { dependencies, optionalDependencies, imports, exports } = manifest;
  const { peerDependencies, peerDependenciesMeta } = manifest;
  const ported = (value: unknown): unknown =>
    typeof value === "string"
      ? built(value)
      : Array.isArray(value)
      ? value.map(ported)
      : Object.fromEntries(Object.entries(value ?? {}).map(([key, entry]) => [key, ported(entry)]));
  const entries = Object.entries(exports ?? {}).map(([path, file]): [string, unknown] => {
    const text = String(file);
    return text.endsWith(".ts")
      ? [path, { types: text.replace(/\.ts$/, ".d.ts"), default: built(text) }]
      : [path, text];
  });
  return {
    name,
    version,
    description,
    license,
    type,
    // Without this, bundlers keep every module that the used ones import.
    sideEffects: ported(sideEffects),
    // Only the sources need Node 22.18: JavaScript does not need type stripping.
    engines: { ...engines as Json, node: PUBLISHED_NODE },
    bin: { vastar: `./${COMMAND}.js` },
    imports: ported(imports),
    exports: { ...Object.fromEntries(entries), "./package.json": "./package.json" },
    dependencies,
    optionalDependencies,
    peerDependencies,
    peerDependenciesMeta,
  };
}

/** `check: false`: only for what compiled already. */
export async function buildPackage(
  out: string,
  { check = true }: { readonly check?: boolean } = {},
): Promise<void> {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const args = [...COMPILER, "-p", "tsconfig.build.json", "--outDir", out];
  if (!check) args.push("--noCheck");
  const { ok, output } = await run(runtime("bun").path, args, { cwd: root });
  if (!ok) throw new Error(`the sources do not compile:\n${output}`);
  for (const file of await listFiles(out, ".d.ts")) {
    await writeFile(join(out, file), portDeclarations(await readText(out, file)));
  }
  const command = join(out, `${COMMAND}.js`);
  await writeFile(
    command,
    (await readFile(command, "utf8")).replace(/^#!.*/, "#!/usr/bin/env node"),
  );
  await chmod(command, 0o755);
  const manifest: unknown = JSON.parse(await readText(root, "package.json"));
  const published = publishedManifest(manifest as Json);
  await writeFile(join(out, "package.json"), `${JSON.stringify(published, undefined, 2)}\n`);
  const materials = await billOfMaterials(root);
  await writeFile(join(out, "sbom.cdx.json"), `${JSON.stringify(materials, undefined, 2)}\n`);
  for (const file of ["README.md", "LICENSE"]) await copyFile(join(root, file), join(out, file));
  await cp(join(root, "schemas"), join(out, "schemas"), { recursive: true });
  for (const file of await listFiles(join(root, "connectors"), ".yaml")) {
    await mkdir(dirname(join(out, "connectors", file)), { recursive: true });
    await copyFile(join(root, "connectors", file), join(out, "connectors", file));
  }
}

if (import.meta.main) {
  const out = join(root, "dist");
  await buildPackage(out);
  console.log("The package is in dist/: npm pack ./dist");
  process.exit(0);
}
