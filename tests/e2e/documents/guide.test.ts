/** Follows docs/guide.md: writes its files, runs its commands, and compares what its programs print. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../tools/lib/run.ts";
import { OWN_RUNTIME, type Program, startProgram } from "../../support/process.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";
import { writeTree } from "../../support/tree.ts";
import { packageFolder } from "../support/package_folder.ts";

const repository = join(import.meta.dirname, "../../..");
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
      "live.ts",
    ]);
  });

  test("needs at most ten lines for the first operation", async () => {
    const spec = file("holidays/connector.yaml");
    const [description = "", example] = spec.split("    examples:\n");
    expect(example).toBeDefined();
    expect(description.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
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

  const serve = async (spec: string) => {
    await simulator?.stop();
    await write("holidays/connector.yaml", spec);
    expect(await vastar("generate", "holidays")).toMatchObject({ ok: true });
    const connector = join(folder, "holidays");
    const args = ["simulator", "--connector", connector, "--port", "0"];
    simulator = startProgram(OWN_RUNTIME, "cli/main.ts", args);
    const [, port = ""] = await simulator.waitFor(/ready on http:\/\/127\.0\.0\.1:(\d+)/);
    target = `127.0.0.1:${port}`;
  };

  /** A program of the guide prints these lines, which the guide names unless `named` is false. */
  const tryProgram = (name: string, lines: readonly string[], named = true) => {
    if (named) {
      test(`says what ${name} prints`, () => {
        const said = guide.slice(guide.indexOf(`// ${name}\n`));
        for (const line of lines) expect(said).toContain(`\`${line}\``);
      });
    }
    for (const where of OWN_SHARE) {
      const { missing, path, script } = runtime(where);
      test.skipIf(missing !== undefined)(titled(`${name} on ${where}`, missing), async () => {
        const mock = `new Holidays({ baseURL: "http://${target}/mock/holidays" })`;
        const code = file(name).replace("127.0.0.1:4545", target).replace("new Holidays()", mock);
        await write(name, code);
        const { ok, output } = await run(path, script(name), {
          cwd: folder,
          env: { VASTAR_ALLOW: target },
        });
        expect({ ok, output: output.trim().split("\n") }).toEqual({ ok: true, output: [...lines] });
      }, 60_000);
    }
  };

  test("serves the example", () => serve(file("holidays/connector.yaml")), 60_000);
  tryProgram("main.ts", ["2026-05-17 Constitution Day"]);
  test("serves more examples", () => serve(file("holidays/connector.yaml", 1)), 60_000);
  tryProgram("mocked.ts", ["Indonesia", "Norway", "Refused with 404: Not Found"]);
  tryProgram("tested.ts", ["Tahun Baru Masehi /PublicHolidays/2026/ID"]);
  // Here it calls the mock, since the guide cannot promise what the API says.
  tryProgram("live.ts", ["2026-01-01 New Year's Day", "2026-08-17 Independence Day"], false);
});
