/** The pages in docs/connectors match the connectors, and their code compiles. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findConnectors } from "../../cli/find_connectors.ts";
import { COMPILER } from "../../tools/lib/compiler.ts";
import { run } from "../../tools/lib/run.ts";
import { OWN_RUNTIME } from "../support/process.ts";
import { runtime } from "../support/runtimes.ts";
import { writeTree } from "../support/tree.ts";

const repository = join(import.meta.dirname, "../..");
const connectors = await findConnectors(join(repository, "connectors"));
const page = (id: string) => readFile(join(repository, `docs/connectors/${id}.md`), "utf8");

const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;

/** The first block is complete; each of the others could follow it. */
function moduleOf(text: string): string {
  const [first = "", ...others] = [...text.matchAll(BLOCK)].map(([, code = ""]) => code);
  const scopes = others.map((code, at) =>
    `export async function block${at}(request: Request, runtime: RuntimeClient, bytes: Uint8Array<ArrayBuffer>) {\n` +
    `  void [request, runtime, bytes];\n${code}  return undefined;\n}`
  );
  return `import type { RuntimeClient } from "@vastar/connector";\n${first}\n${
    scopes.join("\n")
  }\n`;
}

describe("docs/connectors", () => {
  test("has a page for each connector, and no other", async () => {
    const pages = (await readdir(join(repository, "docs/connectors"))).sort();
    expect(pages).toEqual(connectors.map(({ id }) => `${id}.md`));
  });

  for (const connector of connectors) {
    test(`${connector.id}.md names every option, operation and error class`, async () => {
      const text = await page(connector.id);
      for (const { name, env } of connector.config) {
        expect(text).toContain(`\`${name}\``);
        if (env !== undefined) expect(text).toContain(`\`${env}\``);
      }
      for (const { id } of connector.operations) {
        expect({ id, named: text.includes(id.split(".").at(-1) ?? id) }).toEqual({
          id,
          named: true,
        });
      }
      const classes = new Set(
        connector.operations.flatMap(({ errors }) => errors.map(({ name }) => name)),
      );
      for (const name of classes) expect(text).toContain(`\`${name}\``);
    });
  }

  describe("code", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "vastar-docs-"));
      await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test("compiles under the flags of the project", async () => {
      const project = JSON.parse(await readFile(join(repository, "tsconfig.json"), "utf8")) as {
        compilerOptions: Record<string, unknown>;
      };
      const { exports } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
        exports: Record<string, string>;
      };
      const paths = Object.entries(exports).map(([entry, file]) => [
        `@vastar/connector${entry.slice(1)}`,
        [join(repository, file)],
      ]);
      const files: Record<string, string> = {
        "tsconfig.json": JSON.stringify({
          compilerOptions: {
            ...project.compilerOptions,
            // Examples are not modules that others build on.
            isolatedDeclarations: false,
            declaration: false,
            paths: Object.fromEntries(paths),
          },
          include: ["*.ts"],
        }),
      };
      for (const { id } of connectors) files[`${id}.ts`] = moduleOf(await page(id));
      await writeTree(folder, files);
      const { path, script } = runtime(OWN_RUNTIME);
      const { output } = await run(
        path,
        script(...COMPILER, "-p", folder),
        { cwd: repository },
      );
      const mistakes = output.split("\n").filter((line) => line.includes("error TS"));
      expect(mistakes).toEqual([]);
    }, 120_000);
  });
});
