/** Generated code under the strictest flags, without the types of any runtime, and under Deno's lint rules. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILER } from "../../../tools/lib/compiler.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const FOLDERS = ["tests/codegen/golden", "connectors"].map((folder) => join(ROOT, folder));

const STRICT = {
  target: "ES2022",
  lib: [
    "ES2024",
    "ESNext.Disposable",
    "ESNext.Collection",
    "DOM",
    "DOM.Iterable",
    "DOM.AsyncIterable",
  ],
  module: "ESNext",
  moduleResolution: "bundler",
  types: [],
  noEmit: true,
  allowImportingTsExtensions: true,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noFallthroughCasesInSwitch: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  isolatedDeclarations: true,
  isolatedModules: true,
  declaration: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  skipLibCheck: true,
};

test("compiles", () => {
  const folder = mkdtempSync(join(tmpdir(), "vastar-compile-"));
  try {
    const config = join(folder, "tsconfig.json");
    writeFileSync(
      config,
      JSON.stringify({
        compilerOptions: STRICT,
        include: FOLDERS.map((path) => `${path}/**/*.gen.ts`),
      }),
    );
    const { path, script } = runtime(OWN_RUNTIME);
    const run = spawnSync(path, script(...COMPILER, "-p", config), {
      encoding: "utf8",
    });
    expect(run.stdout + run.stderr).toBe("");
    expect(run.status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);

const deno = runtime("deno");
test.skipIf(deno.missing !== undefined)(titled("passes deno lint", deno.missing), () => {
  // A folder without configuration has the recommended rules, all of them.
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".gen.ts")
    ).map((name) => join(folder, name))
  );
  expect(files.length).toBeGreaterThan(100);
  const run = spawnSync(deno.path, ["lint", "--no-config", ...files], {
    encoding: "utf8",
    cwd: tmpdir(),
  });
  expect(run.stderr).toContain("Checked");
  expect(run.stderr).not.toContain("error");
  expect(run.status).toBe(0);
}, 60_000);
