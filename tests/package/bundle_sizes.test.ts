/** The sizes that docs/generated-client.md names are those of its programs, bundled. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../../tools/lib/run.ts";
import { runtime, titled } from "../support/runtimes.ts";
import { OWN_CHORES } from "../support/share.ts";

const repository = join(import.meta.dirname, "../..");
const WORKERD = "--conditions=workerd";

const onFetch = (functions: string, call: string) =>
  `import { fetchRuntime } from "@vastar/connector/connector";
import { ${functions}, createOpenAICore } from "@vastar/connector/connectors/openai";
const client = createOpenAICore({ apiKey: "", runtime: fetchRuntime() });
${call}`;

const worker = (imported: string, runtime: string) =>
  `${imported}
import { definition as openai } from "@vastar/connector/connectors/openai";
import { createWorker } from "@vastar/connector/worker";
const worker = createWorker({ connectors: [openai], runtime: ${runtime} });
export default { fetch: worker.fetch };`;

/** By the name in the document: a program, and what the bundler has to know besides. */
const PROGRAMS: Readonly<Record<string, readonly [text: string, ...flags: string[]]>> = {
  "`modelsList` of OpenAI on `fetchRuntime()`": [
    onFetch("modelsList", "for await (const { id } of modelsList(client)) console.log(id);"),
  ],
  "`chatCompletionsCreate`, streamed, on `fetchRuntime()`": [
    onFetch(
      "chatCompletionsCreate",
      `const input = { model: "m", messages: [], stream: true };
console.log(await chatCompletionsCreate(client, input).text());`,
    ),
  ],
  "the class `OpenAI` on the engine": [
    `import { OpenAI } from "@vastar/connector/connectors/openai";
console.log(await new OpenAI({ apiKey: "" }).models.list());`,
  ],
  "`RuntimeClient` on the engine": [
    `import { RuntimeClient } from "@vastar/connector";
console.log(await new RuntimeClient().executeHTTP({ url: "https://example.com" }));`,
  ],
  "a worker with the OpenAI connector on `fetchRuntime()`, for workerd": [
    worker(`import { fetchRuntime } from "@vastar/connector/connector";`, "fetchRuntime()"),
    WORKERD,
  ],
  "a worker with the OpenAI connector on the engine, for workerd": [
    worker(`import { RuntimeClient } from "@vastar/connector";`, "new RuntimeClient()"),
    WORKERD,
  ],
  "the worker with all connectors of the package, for workerd": [
    `export { default } from "ROOT/src/platform/workerd/worker.ts";`,
    WORKERD,
    "--external=cloudflare:*",
  ],
};

const document = await readFile(join(repository, "docs/generated-client.md"), "utf8");
const rows = [...document.matchAll(/^\| (.+?) +\| +(\d+) \| +(\d+) \|$/gm)]
  .map(([, name = "", minified, compressed]) => ({
    name,
    minified: Number(minified),
    compressed: Number(compressed),
  }));

const bun = runtime("bun");
const reason = OWN_CHORES ? bun.missing : "the bundler is Bun's, the run on Bun tries it";
describe.skipIf(reason !== undefined)(titled("the size of a bundle", reason), () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-sizes-"));
    await mkdir(join(folder, "node_modules/@vastar"), { recursive: true });
    await symlink(repository, join(folder, "node_modules/@vastar/connector"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("is named for each program that is tried here", () => {
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(PROGRAMS));
  });

  for (const [at, { name, ...documented }] of rows.entries()) {
    test(name, async () => {
      const [text = "", ...flags] = PROGRAMS[name] ?? [];
      const entry = join(folder, `program${at}.ts`);
      const out = join(folder, `program${at}.js`);
      await writeFile(entry, text.replaceAll("ROOT", repository));
      const args = ["build", entry, "--target=browser", "--minify", `--outfile=${out}`, ...flags];
      expect(await run(bun.path, args, { cwd: folder })).toMatchObject({ ok: true });
      const code = await readFile(out);
      const sizes = [code.length, gzipSync(code, { level: 9 }).length].map((bytes) => bytes / 1000);
      const [minified = 0, compressed = 0] = sizes;
      const off = Math.max(
        Math.abs(minified / documented.minified - 1),
        Math.abs(compressed / documented.compressed - 1),
      );
      // What the row should say, for whoever reads the failure.
      const row = `${Math.round(minified)} | ${Math.round(compressed)}`;
      expect({ row, right: off <= 0.05 }).toEqual({ row, right: true });
    }, 60_000);
  }
});
