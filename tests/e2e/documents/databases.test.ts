/** Follows docs/databases.md with the PostgreSQL that listens here: its table, its spec, its commands, its program. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { RuntimeClient } from "../../../mod.ts";
import { run } from "../../../tools/lib/run.ts";
import { ask } from "../../conformance/databases/ask.ts";
import { ownName, POSTGRES_PORT, postgresUrl, serverOn } from "../../support/databases.ts";
import { OWN_RUNTIME } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { writeTree } from "../../support/tree.ts";
import { packageFolder } from "../support/package_folder.ts";

const guide = await readFile(join(import.meta.dirname, "../../../docs/databases.md"), "utf8");
const { missing } = await serverOn(POSTGRES_PORT, "PostgreSQL");

function block(language: string, name: string): string {
  const start = `\`\`\`${language}\n${name}`;
  const at = guide.indexOf(start);
  if (at < 0) throw new Error(`The guide has no block of ${language} with ${name}.`);
  return guide.slice(at + start.length, guide.indexOf("```", at + start.length)).trimStart();
}

describe.skipIf(missing !== undefined)(titled("the guide to databases", missing), () => {
  const database = ownName("guide");
  const url = postgresUrl(POSTGRES_PORT, database);
  const target = `127.0.0.1:${POSTGRES_PORT}`;
  const client = new RuntimeClient({ address: "embedded:", egress: { allow: [target] } });
  const own = runtime(OWN_RUNTIME);
  let folder: string;

  const command = (...args: string[]) =>
    run(own.path, own.script("cli/main.ts", ...args), { cwd: folder });

  beforeAll(async () => {
    folder = await packageFolder("databases");
    await ask(client, postgresUrl(), {
      statement: `create database ${database}`,
      result: "affected",
    });
    for (const statement of block("sql", "").split(";").filter((one) => one.trim() !== "")) {
      await ask(client, url, { statement, result: "affected" });
    }
  }, 60_000);

  afterAll(async () => {
    const statement = `drop database ${database} with (force)`;
    await ask(client, postgresUrl(), { statement, result: "affected" });
    await client.close();
    await rm(folder, { recursive: true });
  }, 60_000);

  test("describes a table in ten lines", async () => {
    const spec = block("yaml", "# shop/connector.yaml\n");
    expect(spec.trimEnd().split("\n")).toHaveLength(10);
    await writeTree(folder, {
      "shop/connector.yaml": spec,
      "main.ts": block("ts", "// main.ts\n"),
    });
    const generated = await command("generate", "shop", "--database", url);
    expect({ ...generated, output: "" }).toMatchObject({ ok: true });
    // What the server said is enough from here on.
    expect(await command("generate", "shop", "--check")).toMatchObject({ ok: true });
    const types = await readFile(join(folder, "shop/types.gen.ts"), "utf8");
    for (const promised of ["{ max: number | string }", "{ name: string; price: string }"]) {
      expect(guide).toContain(`\`${promised}\``);
    }
    expect(types).toContain("max: number | string;");
    expect(types).toContain("{ name: string; price: string }");
  }, 60_000);

  test("prints what it says", async () => {
    const env = { VASTAR_ALLOW: target, SHOP_DB: url };
    const { ok, output } = await run(own.path, own.script("main.ts"), { cwd: folder, env });
    const lines = output.trim().split("\n");
    expect({ ok, lines }).toEqual({ ok: true, lines: ["Black tea 3.90", "Green tea 4.50"] });
    for (const line of lines) expect(guide).toContain(`\`${line}\``);
  }, 60_000);
});
