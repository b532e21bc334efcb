import { expect, test } from "bun:test";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { checkUniversal } from "../../../tools/checks/universal.ts";
import { describeProblem } from "../../../tools/lib/problem.ts";
import { withTree } from "../../support/tree.ts";

const repository = join(import.meta.dirname, "../../..");

async function found(text: string, types: readonly string[] = []): Promise<string> {
  const config = {
    compilerOptions: {
      types,
      noEmit: true,
      strict: true,
      target: "ES2024",
      module: "ESNext",
      moduleResolution: "bundler",
    },
    include: ["src"],
  };
  const files = { "tsconfig.universal.json": JSON.stringify(config), "src/core/a.ts": text };
  return await withTree(files, async (root) => {
    await symlink(join(repository, "node_modules"), join(root, "node_modules"));
    return (await checkUniversal(root)).map(describeProblem).join("\n");
  });
}

test("accepts web standards", async () => {
  expect(await found("export const now = (): Promise<Response> => fetch(`https://x.example`);"))
    .toBe("");
});

test.each([
  ["export const file = Bun.file(`a`);", "src/core/a.ts:1: error TS"],
  ["export const pid = process.pid;", "src/core/a.ts:1: error TS"],
  ["import { connect } from 'node:net';\nexport { connect };", "src/core/a.ts:1: error TS"],
  [
    "const host = globalThis as { Deno?: unknown };\nexport const d = host;",
    "src/core/a.ts:1: reaches for one runtime behind the compiler's back",
  ],
])("refuses %s", async (text, message) => {
  expect(await found(text)).toContain(message);
});

test("notices that the types of a runtime took part", async () => {
  expect(await found("export const pid = process.pid;", ["node"])).toContain(
    "proves nothing: node_modules/@types/node/",
  );
});
