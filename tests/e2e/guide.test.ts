/** docs/guide.md does what it says: its files are written, its commands run, its programs print what it promises. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../support/process.ts";
import { runtime } from "../support/runtimes.ts";
import { OWN_SHARE } from "../support/share.ts";
import { writeTree } from "../support/tree.ts";
import { packageFolder } from "./support/package_folder.ts";

const repository = join(import.meta.dirname, "../..");
const guide = await readFile(join(repository, "docs/guide.md"), "utf8");

/** Blocks that begin with the name of a file, without that line, in the order of the guide. */
const files = [...guide.matchAll(/^```(?:yaml|ts)\n(?:#|\/\/) (\S+)\n([\s\S]*?)^```$/gm)]
  .map(([, name = "", text = ""]) => ({ name, text }));

function file(name: string, at = 0): string {
  const found = files.filter((one) => one.name === name)[at];
  if (found === undefined) throw new Error(`The guide has no block for ${name}.`);
  return found.text;
}

describe("the guide", () => {
  let folder: string;
  let simulator: Program | undefined;
  let target = "";

  const write = (name: string, text: string) => writeTree(folder, { [name]: text });
  const vastar = async (...args: string[]) => {
    const own = runtime(OWN_RUNTIME);
    return await run(own.path, own.script("cli/main.ts", ...args), { cwd: folder });
  };

  beforeAll(async () => {
    folder = await packageFolder("guide");
  });

  afterAll(async () => {
    await simulator?.stop();
    await rm(folder, { recursive: true });
  });

  test("holds the files that are tried here", () => {
    expect(files.map((one) => one.name)).toEqual([
      "holidays/connector.yaml",
      "main.ts",
      "holidays/connector.yaml",
      "mocked.ts",
      "tested.ts",
    ]);
  });

  test("needs at most ten lines for the first operation", async () => {
    const spec = file("holidays/connector.yaml");
    expect(spec.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
    await write("holidays/connector.yaml", spec);
    expect(await vastar("generate", "holidays")).toMatchObject({ ok: true });
  }, 60_000);

  test("shows the mistake as it is reported", async () => {
    const spec = file("holidays/connector.yaml");
    await write("broken/connector.yaml", spec.replace("country: string", "country: strin"));
    const { ok, output } = await vastar("generate", "broken");
    expect(ok).toBe(false);
    const shown = /^```text\n([\s\S]*?)^```$/m.exec(guide)?.[1] ?? "nothing";
    for (const line of shown.trimEnd().split("\n")) {
      // The comment with the file's name, which the guide shows, is line 1 there.
      const [, message = line] = /connector\.yaml:(.*)$/.exec(line) ?? [];
      const told = message.replace(/^\d+:/, "").replace(/^ *\d+ \|/, "");
      expect(output.replace(/^ *\d+ \|/gm, "")).toContain(told.trim());
    }
  }, 60_000);

  test("generates the connector with examples, and serves them", async () => {
    await write("holidays/connector.yaml", file("holidays/connector.yaml", 1));
    expect(await vastar("generate", "holidays")).toMatchObject({ ok: true });
    simulator = startProgram(OWN_RUNTIME, "cli/main.ts", [
      "simulator",
      "--connector",
      join(folder, "holidays"),
      "--port",
      "0",
    ]);
    const [, port = ""] = await simulator.waitFor(/ready on http:\/\/127\.0\.0\.1:(\d+)/);
    target = `127.0.0.1:${port}`;
    await write("mocked.ts", file("mocked.ts").replaceAll("127.0.0.1:4545", target));
    await write("tested.ts", file("tested.ts"));
    const client = `new Holidays({ baseURL: "http://${target}/mock/holidays" })`;
    await write("main.ts", file("main.ts").replace("new Holidays()", client));
  }, 60_000);

  for (const name of OWN_SHARE) {
    const { missing } = runtime(name);
    const where = missing === undefined ? name : `${name}: ${missing}`;
    test.skipIf(missing !== undefined)(`its programs print what it says on ${where}`, async () => {
      const { path, script } = runtime(name);
      const printed = async (program: string) => {
        const env = { VASTAR_ALLOW: target };
        const { ok, output } = await run(path, script(program), { cwd: folder, env });
        expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
        return output.trim().split("\n");
      };
      expect(await printed("main.ts")).toEqual(
        ["2026-01-01 New Year's Day", "2026-08-17 Independence Day"],
      );
      expect(await printed("mocked.ts")).toEqual(
        ["Indonesia", "Norway", "Refused with 404: Not Found"],
      );
      expect(await printed("tested.ts")).toEqual(["Tahun Baru Masehi /PublicHolidays/2026/ID"]);
      for (
        const text of [
          "`Indonesia`, `Norway` and `Refused with 404: Not Found`",
          "`Tahun Baru Masehi /PublicHolidays/2026/ID`",
        ]
      ) {
        expect(guide).toContain(text);
      }
    }, 60_000);
  }
});
