/** Each check accepts a good tree and fails on a bad one. */
import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { checkDocs } from "../../../tools/checks/docs.ts";
import { checkErrors } from "../../../tools/checks/errors.ts";
import { checkFailures } from "../../../tools/checks/failures.ts";
import { checkExports } from "../../../tools/checks/exports.ts";
import { checkFolders } from "../../../tools/checks/folders.ts";
import { checkLinks } from "../../../tools/checks/links.ts";
import { checkScripts } from "../../../tools/checks/scripts.ts";
import { checkSizes } from "../../../tools/checks/sizes.ts";
import { checkText } from "../../../tools/checks/text.ts";
import { LAYERS } from "../../../tools/layers.ts";
import { type Check, describeProblem } from "../../../tools/lib/problem.ts";
import { withTree } from "../../support/tree.ts";

async function found(check: Check, files: Record<string, string>): Promise<string[]> {
  return (await withTree(files, check)).map(describeProblem);
}

describe("scripts", () => {
  const install = "bun run --silent deps";
  const scripts = { deps: "bun install", prebuild: install, build: "bun build.ts" };
  const tasks = { deps: "sh bun.sh", test: { command: "x", dependencies: ["deps"] } };
  const tree = (scripts: object, tasks: object, text: string) => ({
    "package.json": JSON.stringify({ scripts }),
    "deno.json": JSON.stringify({ tasks }),
    "docs/a.md": text,
  });
  test("that install first and exist", async () => {
    const text = "`bun run build`, `deno task test lint`, `bun run demo/main.ts`";
    expect(await found(checkScripts, tree(scripts, tasks, text))).toEqual([]);
  });
  test("that a fresh clone cannot run, and that a document makes up", async () => {
    const text = "Run `bun run biuld`,\nthen `deno task build`.";
    const bad = tree({ ...scripts, bench: "bun bench.ts" }, { ...tasks, run: "deno run" }, text);
    expect(await found(checkScripts, bad)).toEqual([
      expect.stringContaining("the script bench installs nothing first"),
      expect.stringContaining("the task run installs nothing first"),
      expect.stringContaining("docs/a.md:1: names `bun run biuld`, which does not exist"),
      expect.stringContaining("docs/a.md:2: names `deno task build`, which does not exist"),
    ]);
  });
});

describe("exports", () => {
  const json = (exports: Record<string, string>): string => JSON.stringify({ exports });
  test("names, versions and licences are the same", async () => {
    expect(
      await found(checkExports, {
        "package.json": `{"name":"a","version":"1","license":"MIT"}`,
        "deno.json": `{"name":"a","version":"2"}`,
      }),
    ).toEqual([
      `deno.json: "version" is not that of package.json: they must be equal.`,
      `deno.json: "license" is not that of package.json: they must be equal.`,
    ]);
  });
  test("equal and existing", async () => {
    const exports = { ".": "./mod.ts", "./connectors/a": "./connectors/a/mod.gen.ts" };
    const files = {
      "package.json": json(exports),
      "deno.json": json(exports),
      "mod.ts": "",
      "connectors/a/mod.gen.ts": "",
    };
    expect(await found(checkExports, files)).toEqual([]);
  });
  test("differing, missing, leading nowhere", async () => {
    const problems = await found(checkExports, {
      "package.json": json({ ".": "./mod.ts", "./a": "./a.ts" }),
      "deno.json": json({ ".": "./index.ts", "./a": "./a.ts", "./b": "./mod.ts" }),
      "mod.ts": "",
      "index.ts": "",
      "connectors/b/mod.gen.ts": "",
    });
    expect(problems).toEqual([
      `deno.json: exports "." as ./index.ts, package.json as ./mod.ts: they must be equal.`,
      `package.json: exports "./a" as ./a.ts, which does not exist.`,
      `deno.json: exports "./b" as ./mod.ts, package.json as nothing: they must be equal.`,
      `package.json: does not export "./connectors/b" as ./connectors/b/mod.gen.ts.`,
    ]);
  });
});

describe("folders", () => {
  const layers = Object.fromEntries(
    Object.keys(LAYERS).map((name) => [`src/${name}/mod.ts`, "export {};\n"]),
  );
  const universal = Object.entries(LAYERS).flatMap(([name, layer]) =>
    layer.universal ? [`src/${name}`] : []
  );

  test("fail when they are too wide, generated files excepted", async () => {
    const files = (folder: string, count: number, suffix = ".ts"): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`${folder}/${index}${suffix}`, ""]),
      );
    const problems = await found(checkFolders, {
      ...layers,
      ...files("src/core/wide", 16),
      ...files("src/core/narrow", 15),
      ...files("src/core/made", 16, ".gen.ts"),
      ...files("tests/e2e/wide", 16, ".test.ts"),
      "tsconfig.universal.json": JSON.stringify({ include: universal }),
    });
    expect(problems.filter((one) => /src\/core\/|tests\//.test(one))).toEqual([
      "src/core/wide: has 16 files, at most 15 can be scanned: divide it by idea.",
      "tests/e2e/wide: has 16 files, at most 15 can be scanned: divide it by idea.",
    ]);
  });

  test("fail when they are named and do not exist, or are universal and not checked", async () => {
    const { "src/wire/mod.ts": _, ...rest } = layers;
    const include = [...universal.filter((path) => path !== "src/core"), "src/gone"];
    const problems = await found(checkFolders, {
      ...rest,
      "tsconfig.universal.json": `{\n  // why\n  "include": ${JSON.stringify(include)}\n}`,
    });
    expect(problems.filter((one) => !one.includes("WIDER"))).toEqual([
      "tools/layers.ts: names src/wire, which does not exist: remove it.",
      "tsconfig.universal.json: names src/wire, which does not exist: remove it.",
      "tsconfig.universal.json: names src/gone, which does not exist: remove it.",
      "tsconfig.universal.json: lacks src/core, which tools/layers.ts calls universal: add it.",
    ]);
  });
});

describe("file sizes", () => {
  test("fail above the limit, generated files and tests excepted", async () => {
    const long = "export {};\n".repeat(401);
    const problems = await found(checkSizes, {
      "src/core/long.ts": long,
      "src/core/short.ts": "export {};\n".repeat(400),
      "src/wire/gen/table.ts": long,
      "tests/unit/long.test.ts": long,
    });
    expect(problems).toEqual([
      "src/core/long.ts: has 401 lines, at most 400 are usual: split it by idea.",
    ]);
  });
});

describe("text", () => {
  test.each([
    ["README.md", "See /home/someone/project.", "/home/someone is a path of one machine"],
    ["src/core/a.ts", `const file = "/root/.cache";`, "/root/.cache is a path of one machine"],
    ["bun.lock", `["https://npm-proxy.example/yaml"]`, "is a registry of one network"],
    ["src/core/a.ts", "// @ts-ignore", "@ts-ignore switches a check off"],
    ["src/core/a.ts", "// @ts-expect-error", "@ts-expect-error switches a check off"],
    [
      "src/core/a.ts",
      "// deno-lint-ignore no-explicit-any",
      "deno-lint-ignore switches a check off",
    ],
    ["src/core/a.ts", "// TODO: later", "TODO marks unfinished work"],
  ])("%s: %s", async (file, text, message) => {
    const problems = await found(checkText, { [file]: `\n${text}\n` });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`${file}:2: `);
    expect(problems[0]).toContain(message);
  });
  test("leaves other text alone", async () => {
    const files = {
      "README.md": "GET /v1/home/page of https://example.com/root/a; ./work/x; unix:/tmp/a.sock",
      "src/wire/gen/a.ts": "/* eslint-disable */",
      "tests/types/a.types.ts": "// @ts-expect-error: must not compile",
      "bun.lock": `["https://registry.npmjs.org/yaml"]`,
    };
    expect(await found(checkText, files)).toEqual([]);
  });
});

describe("links", () => {
  test("lead to files, folders and headings", async () => {
    const files = {
      "README.md":
        "# Top\n[a](docs/a.md#two-words--more) [src](src/) [top](#top) [web](https://x.example) `[no](code.md)`",
      "docs/a.md": "## Two words – more\n```sh\n# [not](a-link.md)\n```\n[up](../README.md)",
      "src/a.ts": "",
    };
    expect(await found(checkLinks, files)).toEqual([]);
  });
  test("leading nowhere", async () => {
    const files = { "docs/a.md": "# A\n[b](b.md)\n[c](#c)\n[d](../d/)" };
    expect(await found(checkLinks, files)).toEqual([
      "docs/a.md:2: links to b.md, which does not exist.",
      "docs/a.md:3: links to #c, but docs/a.md has no such heading.",
      "docs/a.md:4: links to ../d/, which does not exist.",
    ]);
  });
});

describe("tables in documents", () => {
  const layers = Object.entries(LAYERS).map(([name, { imports }]) =>
    `| \`${name}\` | what | ${imports.length === 0 ? "–" : imports.join(", ")} |`
  );
  const words = (count: number): string =>
    ["\n## Words", "| word | what |", "| --- | --- |", ...Array(count).fill("| a | b |")].join(
      "\n",
    );
  const good = {
    "package.json": JSON.stringify({ dependencies: { yaml: "2.9.1" } }),
    "docs/dependencies.md":
      "| package | why |\n| --- | --- |\n| `yaml` | reads specs with positions |",
    "docs/architecture.md": layers.join("\n") + words(25),
  };
  test("that say what the code says", async () => {
    expect(await found(checkDocs, good)).toEqual([]);
  });
  test("that lack a dependency or list one too many", async () => {
    const files = {
      ...good,
      "package.json": JSON.stringify({ devDependencies: { hono: "4.0.0" } }),
    };
    expect(await found(checkDocs, files)).toEqual([
      "docs/dependencies.md: does not say why hono is needed.",
      "docs/dependencies.md: lists yaml, which package.json does not have.",
    ]);
  });
  test("peers that everyone would have to install", async () => {
    const manifest = { dependencies: { yaml: "2.9.1" }, peerDependencies: { yaml: "2" } };
    const files = { ...good, "package.json": JSON.stringify(manifest) };
    expect(await found(checkDocs, files)).toEqual([
      "package.json: has the peer yaml, which is not marked as optional in peerDependenciesMeta.",
    ]);
  });
  test("that differ from the layers", async () => {
    const files = {
      ...good,
      "docs/architecture.md": good["docs/architecture.md"].replace(
        "| `wire` | what | core |",
        "| `wire` | what | – |",
      ),
    };
    expect(await found(checkDocs, files)).toEqual([
      "docs/architecture.md: says of wire that it imports –; tools/layers.ts says core.",
    ]);
  });
  test.each([0, 26])("that explain %d words", async (count) => {
    const files = { ...good, "docs/architecture.md": layers.join("\n") + words(count) };
    expect(await found(checkDocs, files)).toEqual([
      `docs/architecture.md: explains ${count} words; explain 1 to 25, those that a reader cannot guess.`,
    ]);
  });
});

describe("error codes", () => {
  const doc = "| code |\n| --- |\n| `request.url` | wrong |\n| `egress.denied` | refused |\n";
  const source =
    `throw invalidRequest("request.url", "x");\nconst codes = { a: "egress.denied" };\n`;
  test("that are all explained", async () => {
    const files = {
      "docs/errors.md": doc,
      "src/core/a.ts": `${source}const name = "egress.yaml";`,
      "src/simulator/a.ts": `const code = { code: "model.missing" };`,
    };
    expect(await found(checkErrors, files)).toEqual([]);
  });
  test("that are new, or gone", async () => {
    const files = {
      "docs/errors.md": `${doc}| \`tls.name\` | wrong |\n`,
      "src/core/a.ts":
        `${source}const other = { b: "egress.blocked" };\nthrow new DemoError("demo.failed");\n`,
    };
    expect(await found(checkErrors, files)).toEqual([
      "src/core/a.ts:3: gives the code egress.blocked, which docs/errors.md does not explain.",
      "src/core/a.ts:4: gives the code demo.failed, which docs/errors.md does not explain.",
      "docs/errors.md:5: explains tls.name, which no source gives.",
    ]);
  });
});

describe("classes of failed exchanges", () => {
  test("as the code has them, or told", async () => {
    const url = new URL("../../../docs/errors.md", import.meta.url);
    const text = await readFile(url, "utf8");
    expect(await found(checkFailures, { "docs/errors.md": text })).toEqual([]);
    const other = text.replace(/^(\| `tls\.name` +\|) Permanent/m, "$1 Transient")
      .replace(/^\| `upstream\.reset` .*`maybe`.*\n/m, "");
    expect((await found(checkFailures, { "docs/errors.md": other })).join("\n")).toMatch(
      /^docs\/errors\.md:\d+: says of tls\.name that it is Transient; src\/http\/classify\.ts says Permanent\.\ndocs\/errors\.md: has no row that says of upstream\.reset: Transient, `maybe`\.$/,
    );
    const state = text.replace("| 40P01 ", "| 40P02 ");
    expect(await found(checkFailures, { "docs/errors.md": state })).toEqual([
      "docs/errors.md: has no row that says of database.deadlock what src/engine/database/sqlstate.ts does: 40P01.",
    ]);
  });
});
