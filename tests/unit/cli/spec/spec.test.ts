import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { folder, spec, vastar } from "../support.ts";

let root: Awaited<ReturnType<typeof folder>>;
const at = (path: string) => join(root.path, path);

beforeAll(async () => {
  root = await folder({
    "good/a/connector.yaml": spec("a"),
    "good/b/deeper/connector.yaml": spec("b"),
    "good/node_modules/c/connector.yaml": "not: a spec",
    "bad/connector.yaml": spec("bad", "types: {}\n").replace("result:", "reslut:").replace(
      "version: 1.0.0",
      "version: one",
    ),
    "warned/connector.yaml": spec("warned", "types: { Lonely: { type: object } }\n"),
    "limited/connector.yaml": `connector: 1
id: limited
version: 1.0.0
servers: { default: https://api.example.com }
policy: { retry: { attempts: 2 } }
operations:
  a.get: { get: /a, policy: { timeout: { idle: 5s } } }
`,
    "next/connector.yaml": spec("a").replace("name: string", "title: string"),
    "raised/connector.yaml": spec("a").replace("name: string", "title: string")
      .replace("1.0.0", "2.0.0"),
    "more/connector.yaml": spec("a").replace("name: string", "name: string, age: integer"),
    "old/connector.yaml": spec("old").replace("connector: 1", "connector: 7"),
    "empty/readme.txt": "",
  });
});
afterAll(() => root.remove());

const run = (...args: string[]) => vastar(["spec", ...args], { cwd: root.path });

describe("spec check", () => {
  test("a valid tree: every spec below the folder except in dependencies", async () => {
    expect(await run("check", "good")).toMatchObject({
      code: 0,
      stdout: "2 specs: no errors\n",
      stderr: "",
    });
  });
  test("every mistake of every spec in one run, with its place and a caret", async () => {
    const { code, stdout } = await run("check", "bad", "nowhere.yaml", "good");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^bad\/connector\.yaml:3:10: error VC1110: /m);
    expect(stdout).toMatch(/^bad\/connector\.yaml:9:5: error VC1102: .*`reslut`/m);
    expect(stdout).toContain("Did you mean `result`?");
    expect(stdout).toMatch(/^nowhere\.yaml:1:1: error VC1001: /m);
    expect(stdout).toMatch(/^ +\| +\^+$/m);
    expect(stdout).toMatch(/\n3 errors\n$/);
  });
  test("as JSON and as SARIF, for tools", async () => {
    const json = await run("check", "bad", "--format", "json");
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      diagnostics: [{ code: "VC1110", file: "bad/connector.yaml", line: 3 }, { code: "VC1102" }],
    });
    const sarif = await run("check", "bad", "--format", "sarif");
    expect(JSON.parse(sarif.stdout)).toMatchObject({
      version: "2.1.0",
      runs: [{ results: [{ ruleId: "VC1110" }, { ruleId: "VC1102" }] }],
    });
  });
  test("warnings fail only when they are denied", async () => {
    const allowed = await run("check", "warned");
    expect(allowed.code).toBe(0);
    expect(allowed.stdout).toContain("warning VC2201");
    expect((await run("check", "warned", "--deny-warnings")).code).toBe(1);
  });
  test("what does not work on a host, with the operations that declare it", async () => {
    const said = async (host: string) =>
      (await run("check", "limited", "--host", host)).stdout.split("\n").slice(1, -1);
    const place = "limited/connector.yaml";
    expect(await said("browser")).toEqual([
      `${place}: browser: policy.timeout (idle) of a.get has no effect: fetchRuntime() makes one request`,
      `${place}: browser: policy.retry has no effect: fetchRuntime() makes one request`,
    ]);
    expect(await said("embedded")).toEqual([]);
    expect((await run("check", "good", "--host", "browser")).stdout).toBe("2 specs: no errors\n");
    expect((await run("check", "good", "--host", "moon")).code).toBe(2);
  });
  test("a folder without specs says how to get one", async () => {
    const { code, stderr } = await run("check", "empty");
    expect(code).toBe(1);
    expect(stderr).toContain("There is no connector.yaml in empty or below");
    expect(stderr).toContain("vastar init");
  });
});

describe("what cannot be written", () => {
  test("is said in one line", async () => {
    const tree = await folder({
      "file": "",
      "api.json": JSON.stringify({
        openapi: "3.0.0",
        paths: { "/a": { get: { responses: { 204: { description: "done" } } } } },
      }),
    });
    const line = async (...args: string[]): Promise<void> => {
      const { code, stderr } = await vastar(args, { cwd: tree.path });
      expect({ code, lines: stderr.trim().split("\n").length, stderr }).toMatchObject({
        code: 1,
        lines: 1,
      });
      expect(stderr).toMatch(/^vastar [a-z ]+: .*(ENOTDIR|EEXIST|ENOENT)/);
    };
    await line("import", "openapi", "api.json", "--out", "file/x");
    await line("init", "shop", "--dir", "file");
    await line("import", "openapi", "api.json", "--out", "x", "--report", "missing/report.txt");
    tree.remove();
  });
});

describe("spec diff", () => {
  test("lists changes with their places and the version they need", async () => {
    const { code, stdout } = await run("diff", "good/a", "next/connector.yaml");
    expect(code).toBe(0);
    expect(stdout).toBe(
      "good/a/connector.yaml:9:5: breaking response.property.removed: items.get result.name was removed\n" +
        "next/connector.yaml:9:5: feature response.property.added: items.get result.title was added: string\n\n" +
        "1 breaking change, 1 feature: a breaking release, 2.0.0 or later; the new spec says 1.0.0; make it 2.0.0.\n",
    );
  });
  const EXITS: readonly [limit: string, to: string, code: number][] = [
    ["breaking", "next", 1],
    ["breaking", "more", 0],
    ["feature", "more", 1],
    ["fix", "more", 1],
    ["fix", "good/a", 0],
    ["version", "next", 1],
    ["version", "raised", 0],
    ["version", "good/a", 0],
  ];
  for (const [limit, to, code] of EXITS) {
    test(`--fail-on ${limit} with ${to}: ${code}`, async () => {
      expect((await run("diff", "good/a", to, "--fail-on", limit)).code).toBe(code);
    });
  }
  test("as JSON", async () => {
    const { stdout } = await run("diff", "good/a", "more", "--format", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      level: "feature",
      proposed: "1.1.0",
      changes: [{ code: "response.property.added", subject: "items.get result.age" }],
    });
  });
  test("a side with mistakes, or with several specs, fails and says which", async () => {
    const broken = await run("diff", "bad", "good/a");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("bad/connector.yaml:3:10: error");
    const several = await run("diff", "good", "good/a");
    expect(several.code).toBe(1);
    expect(several.stderr).toContain("good holds several specs");
    expect((await run("diff", "good/a")).code).toBe(2);
  });
});

describe("spec migrate", () => {
  test("leaves specs of the current format as they are", async () => {
    const before = readFileSync(at("good/a/connector.yaml"), "utf8");
    expect(await run("migrate", "good/a")).toMatchObject({
      code: 0,
      stdout: "good/a/connector.yaml is in format 1, the current one: nothing to do\n",
    });
    expect(readFileSync(at("good/a/connector.yaml"), "utf8")).toBe(before);
    expect((await run("migrate", "--check", "good")).code).toBe(0);
  });
  test("says what is wrong with any other", async () => {
    const newer = await run("migrate", "old");
    expect(newer.code).toBe(1);
    expect(newer.stderr).toContain("old/connector.yaml is in format 7");
    expect((await run("migrate", "empty/readme.txt")).stderr).toContain("migrate.syntax");
    expect((await run("migrate", "none.yaml")).stderr).toContain("none.yaml cannot be read");
  });
});

describe("spec docs", () => {
  test("prints one, writes several", async () => {
    const one = await run("docs", "good/a", "--import", "@me/a");
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/^# a\n/);
    expect(one.stdout).toContain('import { A } from "@me/a";');
    expect(await run("docs", "good", "--out", "docs")).toMatchObject({
      code: 0,
      stdout: "docs/a.md\ndocs/b.md\n",
    });
    expect(readFileSync(at("docs/b.md"), "utf8")).toContain("### `items.get`");
    await run("docs", "good/a", "--out", "pages/first.md");
    expect(readFileSync(at("pages/first.md"), "utf8")).toMatch(/^# a\n/);
  });
  test("writes nothing when one spec has mistakes, and asks for a folder", async () => {
    const broken = await run("docs", "good", "bad", "--out", "none");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("bad/connector.yaml");
    expect(existsSync(at("none"))).toBe(false);
    const several = await run("docs", "good");
    expect(several.code).toBe(2);
    expect(several.stderr).toContain("2 specs were found: give --out a folder.");
  });
});

describe("the group", () => {
  test("shows its commands, and the one that was meant", async () => {
    const bare = await run();
    expect(bare.code).toBe(2);
    expect(bare.stderr).toContain("usage: vastar spec COMMAND");
    expect(bare.stderr).toContain("spec migrate");
    expect(bare.stderr).not.toContain("worker");
    expect((await run("--help")).code).toBe(0);
    const wrong = await run("chekc");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('unknown command "spec chekc". Did you mean "check"?');
    expect((await run("check", "--help")).stdout).toContain("usage: vastar spec check [options]");
  });
});
