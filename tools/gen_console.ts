/**
 * Bundles the console into src/worker/parts/console.gen.ts: `bun run generate:console [-- --check]`.
 *
 * The check compares hashes instead of bundles, because another version of the bundler writes another text: that of all that went in,
 * and that of what came out.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { importsOf } from "./lib/imports.ts";

const ENTRY = "src/console/main.ts";
const STYLE = "src/console/style.css";
const OUT = "src/worker/parts/console.gen.ts";
/** Everything that a browser loads. */
const MOST_BYTES = 100_000;

/** Of the sources, with all that goes into the bundle, and of the packages' versions. */
async function sourcesHash(root: string): Promise<string> {
  const files = new Map<string, string>();
  for (let waiting = [ENTRY]; waiting.length > 0;) {
    const found: string[] = [];
    for (const file of waiting) {
      if (files.has(file)) continue;
      const text = await readFile(join(root, file), "utf8");
      files.set(file, text);
      // Types are not in the bundle.
      const values = text.replace(/^import type [^;]*;/gm, "");
      found.push(...importsOf(file, values).flatMap(({ target }) => target ?? []));
    }
    waiting = found;
  }
  files.set(STYLE, await readFile(join(root, STYLE), "utf8"));
  const hash = createHash("sha256");
  for (const [file, text] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    hash.update(`${file}\n${text}`);
  }
  const { dependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return hash.update(dependencies["eventsource-parser"] ?? "").digest("hex");
}

async function bundle(root: string): Promise<{ script: string; style: string }> {
  const build = async (entry: string) => {
    const { outputs } = await Bun.build({
      entrypoints: [join(root, entry)],
      minify: true,
      target: "browser",
    });
    return (await outputs[0]?.text() ?? "").trim();
  };
  const [script, style] = await Promise.all([build(ENTRY), build(STYLE)]);
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style)) {
    throw new Error("The bundle would end its own element: write that text in two parts.");
  }
  return { script, style };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64");
}

/** The generated module; `root`: where its sources are. */
export async function consoleModule(
  root: string,
  { script, style }: { readonly script: string; readonly style: string },
): Promise<string> {
  const body = `/** The script of the page, and its hash for the content security policy. */
export const SCRIPT: string = ${JSON.stringify(script)};
export const SCRIPT_HASH: string = "sha256-${sha256(script)}";

export const STYLE: string = ${JSON.stringify(style)};
export const STYLE_HASH: string = "sha256-${sha256(style)}";
`;
  return `// Generated from src/console by tools/gen_console.ts. Do not edit: change the sources and run it again.
// sources sha256-${await sourcesHash(root)}
// text sha256-${createHash("sha256").update(body).digest("hex")}

${body}`;
}

/** Why the generated module is not what the sources say; undefined: it is. */
export async function consoleDrift(root: string): Promise<string | undefined> {
  const text = await readFile(join(root, OUT), "utf8").catch(() => "");
  const [, sources, own, body] =
    /^\/\/ .*\n\/\/ sources sha256-(\w+)\n\/\/ text sha256-(\w+)\n\n([^]*)$/.exec(text) ?? [];
  if (body === undefined) return `${OUT} is missing or not generated`;
  if (own !== createHash("sha256").update(body).digest("hex")) return `${OUT} was edited`;
  return sources === await sourcesHash(root) ? undefined : `${OUT} is older than its sources`;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, "..");
  if (process.argv.includes("--check")) {
    const drift = await consoleDrift(root);
    if (drift !== undefined) console.error(`${drift}: run \`bun run generate:console\`.`);
    process.exit(drift === undefined ? 0 : 1);
  }
  const { script, style } = await bundle(root);
  const bytes = new TextEncoder().encode(script + style).byteLength;
  if (bytes > MOST_BYTES) {
    throw new Error(`The console has ${bytes} bytes, more than ${MOST_BYTES}.`);
  }
  await writeFile(join(root, OUT), await consoleModule(root, { script, style }));
  console.log(`${OUT}: ${bytes} bytes`);
}
