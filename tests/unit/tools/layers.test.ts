import { describe, expect, test } from "bun:test";
import { checkLayers } from "../../../tools/checks/layers.ts";
import { importsOf } from "../../../tools/lib/imports.ts";
import { withTree } from "../../support/tree.ts";

async function found(files: Record<string, string>): Promise<string[]> {
  const problems = await withTree(files, checkLayers);
  return problems.map(({ file, line, message }) => `${file}:${line ?? ""} ${message}`);
}

test("says nothing about imports that follow the rules", async () => {
  expect(
    await found({
      "mod.ts": `export { a } from "./src/client/a.ts";`,
      "src/core/a.ts": `export const a = 1;`,
      "src/wire/a.ts": `export { a } from "../core/a.ts";`,
      "src/http/a.ts": `import ipaddr from "ipaddr.js";\nexport { a } from "../core/a.ts";`,
      "src/client/a.ts":
        `import type { A } from "../wire/a.ts";\nexport { a } from "../core/a.ts";`,
      "src/client/default_platform.ts": `import { platform } from "#platform";`,
      "src/platform/bun/a.ts":
        `import { connect } from "node:net";\nimport { a } from "../../wire/a.ts";`,
      "src/config/a.ts": `import a from "../../schemas/a.json" with { type: "json" };`,
      "schemas/a.json": "{}",
      "src/daemon/a.ts": `import { rm } from "node:fs/promises";`,
      "cli/a.ts": `import { a } from "../codegen/a.ts";\nimport { b } from "../src/daemon/a.ts";`,
      "codegen/a.ts": `export { a } from "../src/core/a.ts";`,
      "connectors/x/client.gen.ts":
        `import { a } from "../../src/connector/mod.ts";\nimport { b } from "./types.gen.ts";`,
      "src/connector/mod.ts": `export {};`,
    }),
  ).toEqual([]);
});

describe("refuses", () => {
  test.each([
    [
      "a schema where no values are checked",
      "src/wire/a.ts",
      "../../schemas/a.json",
      "wire may import core, not schemas/a.json: frames and sessions",
    ],
    [
      "an import upwards",
      "src/core/a.ts",
      "../client/b.ts",
      "core may import nothing, not src/client/b.ts: everything stands on core",
    ],
    [
      "an import sideways",
      "src/wire/a.ts",
      "../sse/b.ts",
      "wire may import core, not src/sse/b.ts",
    ],
    [
      "the engine in a connector",
      "src/connector/a.ts",
      "../engine/b.ts",
      "not src/engine/b.ts: generated clients reach",
    ],
    ["a runtime in a host", "src/worker/a.ts", "../platform/bun/b.ts", "belongs to one runtime"],
    [
      "#platform elsewhere",
      "src/transport/a.ts",
      "#platform",
      "#platform is for src/client/default_platform.ts only",
    ],
    [
      "node: in universal code",
      "src/engine/a.ts",
      "node:fs",
      "node:fs exists in some runtimes only",
    ],
    ["bun in universal code", "src/sse/a.ts", "bun", "bun exists in some runtimes only"],
    [
      "a package that is not the layer's",
      "src/core/a.ts",
      "hono/cors",
      "core does not use the package hono",
    ],
    [
      "a scoped package",
      "src/core/a.ts",
      "@logtape/logtape",
      "core does not use the package @logtape/logtape",
    ],
    ["codegen in a layer", "src/client/a.ts", "../../codegen/mod.ts", "not codegen/mod.ts"],
    [
      "codegen in an entry point",
      "mod.ts",
      "./codegen/mod.ts",
      "the runtime never imports codegen",
    ],
    [
      "the command line in a layer",
      "src/client/a.ts",
      "../../cli/run.ts",
      "belongs to the command line",
    ],
    ["the command line in codegen", "codegen/a.ts", "../cli/run.ts", "belongs to the command line"],
    [
      "the client in codegen",
      "codegen/a.ts",
      "../src/client/mod.ts",
      "codegen may import src/core",
    ],
    ["an unknown layer", "src/extra/a.ts", "../core/a.ts", "src/extra is not a layer"],
    [
      "the client in a generated connector",
      "connectors/x/client.gen.ts",
      "../../src/client/mod.ts",
      "imports only the connector entry",
    ],
    [
      "another connector in a generated one",
      "connectors/x/client.gen.ts",
      "../y/client.gen.ts",
      "imports only the connector entry",
    ],
    [
      "a package in a generated connector",
      "connectors/x/client.gen.ts",
      "yaml",
      "imports only the connector entry",
    ],
  ])("%s", async (_, file, specifier, message) => {
    const [first, ...rest] = await found({
      [file]: `// first line\nimport { b } from "${specifier}";`,
    });
    expect(first).toContain(`${file}:2 `);
    expect(first).toContain(message);
    expect(rest).toEqual([]);
  });

  test("a circle, also through re-exports", async () => {
    const problems = await found({
      "src/core/a.ts": `import { type B } from "./b.ts";`,
      "src/core/b.ts": `export * from "./c.ts";`,
      "src/core/c.ts": `const a = import("./a.ts");`,
      "src/core/d.ts": `import { a } from "./a.ts";`,
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts");
  });
});

test("types in a circle are refused too", async () => {
  const problems = await found({
    "src/core/a.ts": `import type { B } from "./b.ts";`,
    "src/core/b.ts": `export type { A } from "./a.ts";`,
  });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("src/core/a.ts → src/core/b.ts → src/core/a.ts");
});

test("imports are read from the syntax, not from text that looks like them", () => {
  const text = `
import a from "./a.ts";
// import b from "./b.ts";
const text = 'import c from "./c.ts"';
type D = import("./d.ts").D;
export type { E } from "../e.ts";
`;
  expect(importsOf("src/core/x.ts", text).map(({ target, line }) => [target, line])).toEqual([
    ["src/core/a.ts", 2],
    ["src/core/d.ts", 5],
    ["src/e.ts", 6],
  ]);
});
