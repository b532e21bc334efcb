import { expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { consoleDrift, consoleModule } from "../../../tools/gen_console.ts";

const OUT = "src/worker/parts/console.gen.ts";

test("the bundle of the console must be that of its sources, and unedited", async () => {
  const root = await mkdtemp(join(tmpdir(), "vastar-console-"));
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  };
  try {
    expect(await consoleDrift(root)).toContain("is missing");
    await write("package.json", '{ "dependencies": { "eventsource-parser": "1.0.0" } }');
    await write("src/console/style.css", "a {}");
    await write("src/console/main.ts", 'import type { T } from "../t.ts";\nimport "./a.ts";\n');
    await write("src/console/a.ts", "export const a = 1;\n");
    const text = await consoleModule(root, { script: "a", style: "b" });
    await write(OUT, text);
    expect(await consoleDrift(root)).toBe(undefined);
    await write(OUT, text.replace('"a"', '"b"'));
    expect(await consoleDrift(root)).toContain("was edited");
    await write(OUT, text);
    await write("src/console/a.ts", "export const a = 2;\n");
    expect(await consoleDrift(root)).toContain("older than its sources");
  } finally {
    await rm(root, { recursive: true });
  }
});
