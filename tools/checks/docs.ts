/** Tables in the documents that repeat facts of the code agree with the code. */
import { readText } from "../lib/files.ts";
import type { Problem } from "../lib/problem.ts";
import { LAYERS } from "../layers.ts";

const DEPENDENCIES = "docs/dependencies.md";
const ARCHITECTURE = "docs/architecture.md";

async function readManifest(root: string): Promise<unknown> {
  return JSON.parse(await readText(root, "package.json"));
}

function packageNames(value: unknown): Map<string, string> {
  const found = new Map<string, string>();
  for (
    const group of ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]
  ) {
    const entries: unknown = typeof value === "object" && value !== null
      ? Reflect.get(value, group)
      : undefined;
    for (const [name, version] of Object.entries(entries ?? {})) found.set(name, String(version));
  }
  return found;
}

/** Rows of every table of a document: the cells, without the backticks around a whole cell. */
function rows(text: string): string[][] {
  return [...text.matchAll(/^\| (.+) \|$/gm)].map((match) =>
    (match[1] ?? "").split(" | ").map((cell) => cell.trim().replace(/^`([^`]*)`$/, "$1"))
  );
}

/** npm installs a peer that is not optional, with everything that it needs, for everyone. */
function peersForAll(manifest: unknown): Problem[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest as {
    readonly peerDependencies?: Readonly<Record<string, string>>;
    readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
  };
  return Object.keys(peerDependencies)
    .filter((name) => peerDependenciesMeta[name]?.optional !== true)
    .map((name) => ({
      file: "package.json",
      message: `has the peer ${name}, which is not marked as optional in peerDependenciesMeta.`,
    }));
}

async function checkDependencies(root: string): Promise<Problem[]> {
  const documented = new Map(
    rows(await readText(root, DEPENDENCIES)).map((row) => [row[0] ?? "", row]),
  );
  const manifest = await readManifest(root);
  const used = packageNames(manifest);
  const problems = peersForAll(manifest);
  for (const name of used.keys()) {
    const reason = documented.get(name)?.at(-1) ?? "";
    if (reason.length < 10) {
      problems.push({ file: DEPENDENCIES, message: `does not say why ${name} is needed.` });
    }
  }
  for (const name of documented.keys()) {
    if (/^(package|-+)$/.test(name) || used.has(name)) continue;
    problems.push({
      file: DEPENDENCIES,
      message: `lists ${name}, which package.json does not have.`,
    });
  }
  return problems;
}

async function checkImportTable(root: string): Promise<Problem[]> {
  const documented = new Map(
    rows(await readText(root, ARCHITECTURE)).map((row) => [row[0] ?? "", row]),
  );
  return Object.entries(LAYERS).flatMap(([name, { imports }]) => {
    const wanted = imports.length === 0 ? "–" : imports.join(", ");
    const found = documented.get(name)?.at(-1);
    return found === wanted ? [] : [{
      file: ARCHITECTURE,
      message: `says of ${name} that it imports ${
        found ?? "nothing"
      }; tools/layers.ts says ${wanted}.`,
    }];
  });
}

/** More words than this nobody learns before reading the code. */
const MOST_WORDS = 25;

async function checkGlossary(root: string): Promise<Problem[]> {
  const text = await readText(root, ARCHITECTURE);
  const [, glossary = ""] = text.split(/^## Words$/m);
  const words = rows(glossary.split(/^## /m)[0] ?? "").filter(([word]) =>
    !/^-*$|^word$/.test(word ?? "")
  );
  if (words.length > 0 && words.length <= MOST_WORDS) return [];
  return [{
    file: ARCHITECTURE,
    message:
      `explains ${words.length} words; explain 1 to ${MOST_WORDS}, those that a reader cannot guess.`,
  }];
}

export async function checkDocs(root: string): Promise<Problem[]> {
  return [
    ...await checkDependencies(root),
    ...await checkImportTable(root),
    ...await checkGlossary(root),
  ];
}
