/** What a command loads before it does anything: each module takes a fraction of a millisecond and of a megabyte. */
import { expect, test } from "bun:test";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { readText } from "../../../tools/lib/files.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** Of static imports and re-exports, not of types alone. `import()` is loaded when it is reached. */
const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;

interface Loaded {
  readonly modules: ReadonlySet<string>;
  readonly packages: readonly string[];
}

async function loadedBy(...entries: string[]): Promise<Loaded> {
  const modules = new Set<string>();
  const packages = new Set<string>();
  const visit = async (file: string): Promise<void> => {
    if (modules.has(file)) return;
    modules.add(file);
    if (!file.endsWith(".ts")) return;
    for (const [, specifier = ""] of (await readText(root, file)).matchAll(STATIC)) {
      if (specifier.startsWith(".")) await visit(posix.join(posix.dirname(file), specifier));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  };
  for (const entry of entries) await visit(entry);
  return { modules, packages: [...packages].sort() };
}

/** The overview of all commands loads each of their declarations. */
async function declarations(): Promise<string[]> {
  const text = await readText(root, "cli/commands.ts");
  return [...text.matchAll(/import\("\.\/([^"]+)"\)/g)].map(([, file]) => `cli/${file}`);
}

test("vastar --help loads the declarations of its commands, and nothing that they work with", async () => {
  const { modules, packages } = await loadedBy("cli/main.ts", ...await declarations());
  expect(packages).toEqual([]);
  expect([...modules].filter((file) => file.startsWith("src/")).sort()).toEqual([
    "src/core/errors.ts",
    "src/core/optional_package.ts",
    "src/core/suggest.ts",
    // Where an executable finds what it may need later.
    "src/platform/nats/packages.ts",
    "src/platform/shared/database/packages.ts",
  ]);
  expect(modules.size).toBeLessThanOrEqual(30);
});

test("vastar runtime start checks the options and waits for another process: it loads no engine", async () => {
  const { modules, packages } = await loadedBy("cli/main.ts", "cli/runtime/background/start.ts");
  // #platform loads the runtime's modules when they are used.
  expect(packages).toEqual(["#platform", "ipaddr.js"]);
  const heavy = /^(?:src\/(?:engine\/engine|daemon\/daemon|http1|worker|connector)|codegen)\b/;
  expect([...modules].filter((file) => heavy.test(file))).toEqual([]);
  expect(modules.size).toBeLessThanOrEqual(180);
});

test("the daemon loads no generator, no worker and two packages", async () => {
  const { modules, packages } = await loadedBy("cli/main.ts", "cli/runtime/run.ts");
  expect(packages).toEqual(["#platform", "@logtape/logtape", "ipaddr.js"]);
  const others = /^(?:src\/(?:worker|connector|simulator|mcp)|codegen)\//;
  expect([...modules].filter((file) => others.test(file))).toEqual([]);
  expect(modules.size).toBeLessThanOrEqual(290);
});
