import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mcpCommand } from "../../../cli/mcp/mcp.ts";
import { readRules } from "../../../cli/mcp/rules.ts";
import { mcpSource } from "../../../cli/mcp/source.ts";
import { BUNDLED } from "../../../cli/find_connectors.ts";
import { parseArgs } from "../../../cli/parse.ts";
import { definition as github } from "../../../connectors/github/definition.gen.ts";

const rules = (...argv: string[]) => readRules(parseArgs(mcpCommand, argv, () => undefined));

test("what may be called is hidden where it may not, and told to the engine", () => {
  const { may, tenants } = rules("--only", "github.issues.*", "--except", "*.list", "--read-only");
  const allowed = github.operations.filter((operation) => may("github", operation));
  expect(allowed.map(({ id }) => id)).toContain("issues.get");
  for (const { id, method } of allowed) {
    expect([id.startsWith("issues."), id.endsWith(".list"), method]).toEqual([true, false, "GET"]);
  }
  expect(tenants).toEqual({
    default: {
      operations: { allow: ["github.issues.*"], deny: ["*.list"] },
      methods: { allow: ["GET", "HEAD", "QUERY"] },
    },
  });
  expect(rules().tenants).toEqual({});
});

test("rules that this process cannot enforce are refused", () => {
  expect(() => rules("--read-only", "--runtime", "unix:/run/v.sock")).toThrow(
    "say it in the configuration",
  );
  expect(rules("--runtime", "unix:/run/v.sock").tenants).toEqual({});
});

test("connectors are counted without being loaded, and those that are asked for must be there", async () => {
  const settings = {
    folder: BUNDLED,
    only: ["github"],
    address: "embedded:",
    allow: [],
    baseUrls: [],
    simulator: false,
    tenants: {},
    env: () => undefined,
    notice: () => {},
  };
  const source = await mcpSource(settings);
  expect([source.connectors, source.operations]).toEqual([["github"], github.operations.length]);
  const { registry } = await source.open();
  expect([...registry.entries.keys()]).toEqual(["github"]);
  await source.close();
  await expect(mcpSource({ ...settings, only: ["githb"] })).rejects.toThrow(
    'Did you mean "github"?',
  );
  await expect(mcpSource({ ...settings, baseUrls: ["github=nowhere"] })).rejects.toThrow(
    "must be ID=URL",
  );
});

test("definitions that do not say what they hold are loaded", async () => {
  const folder = await mkdtemp(join(tmpdir(), "vastar-mcp-"));
  try {
    await mkdir(join(folder, "old"));
    const text = `export const definition = { id: "old", operations: [{}, {}], invoke() {} };\n`;
    await writeFile(join(folder, "old/definition.gen.js"), text);
    const source = await mcpSource({
      folder,
      only: [],
      address: "embedded:",
      allow: [],
      baseUrls: [],
      simulator: false,
      tenants: {},
      env: () => undefined,
      notice: () => {},
    });
    expect([source.connectors, source.operations]).toEqual([["old"], 2]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
