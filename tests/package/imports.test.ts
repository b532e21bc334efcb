/** Importing has no side effects, and universal code can be bundled for hosts that only have web APIs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createContext, runInContext } from "node:vm";
import { run } from "../../tools/lib/run.ts";
import { runtime, titled } from "../support/runtimes.ts";
import { OWN_CHORES, OWN_SHARE } from "../support/share.ts";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
  exports: Record<string, string>;
};
const entries = Object.entries(manifest.exports).filter(([, file]) => file.endsWith(".ts"));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vastar-imports-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("importing asks nothing of the machine", () => {
  const deno = runtime("deno");
  test.skipIf(deno.missing !== undefined || !OWN_SHARE.includes("deno"))(
    titled("on Deno, without a permission", deno.missing ?? "once is enough, on Deno"),
    async () => {
      // Not as main modules: Deno has something to say about those that export `fetch`.
      const main = join(folder, "all.ts");
      const lines = entries.map(([, file]) => `import "${pathToFileURL(join(root, file)).href}";`);
      await writeFile(main, lines.join("\n"));
      const config = ["--config", join(root, "deno.json")];
      const flags = ["--quiet", "--no-prompt", "--no-check", "--no-remote"];
      const args = ["run", ...config, ...flags, main];
      expect(await run(deno.path, args, { cwd: root })).toMatchObject({ ok: true, output: "" });
    },
  );
  if (!OWN_SHARE.includes("node")) return;
  const { path, missing, script } = runtime("node");
  const observe = async (
    ...files: string[]
  ): Promise<{ exported: number; touched: string[] }[]> => {
    const main = join(import.meta.dirname, "imports_main.ts");
    const { ok, output } = await run(path, script(main, ...files), { cwd: root });
    expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
    return JSON.parse(output.slice(output.indexOf("["))) as Awaited<ReturnType<typeof observe>>;
  };
  test.skipIf(missing !== undefined)(titled("on Node", missing), async () => {
    const seen = await observe(...entries.map(([, file]) => join(root, file)));
    for (const [index, [name]] of entries.entries()) {
      expect([name, seen[index]]).toEqual([name, { exported: expect.any(Number), touched: [] }]);
      expect(seen[index]?.exported).toBeGreaterThan(0);
    }
  });
  test.skipIf(missing !== undefined)(
    titled("on node, asking would be noticed", missing),
    async () => {
      const file = join(folder, "nosy.mjs");
      await writeFile(
        file,
        `import { existsSync } from "node:fs"; import { hostname } from "node:os";
export const a = [existsSync("/etc"), hostname(), process.env.HOME, "PATH" in process.env];
fetch("http://127.0.0.1:1").catch(() => {});`,
      );
      const [{ touched } = { touched: [] }] = await observe(file);
      expect(touched.map((line) => line.split(/\s+at /)[0])).toEqual([
        "fs.existsSync",
        "os.hostname",
        "env HOME",
        "env PATH",
        "fetch",
      ]);
    },
  );
});

/** What browsers, Deno Deploy and workerd have in common. */
const WEB = {
  AbortController,
  AbortSignal,
  Blob,
  ByteLengthQueuingStrategy,
  CountQueuingStrategy,
  Event,
  EventTarget,
  File,
  FormData,
  Headers,
  ReadableStream,
  Request,
  Response,
  TextDecoder,
  TextDecoderStream,
  TextEncoder,
  TransformStream,
  URL,
  URLSearchParams,
  WritableStream,
  atob,
  btoa,
  clearTimeout,
  console,
  crypto,
  performance,
  queueMicrotask,
  setTimeout,
  structuredClone,
};

const OF_A_RUNTIME: ReadonlySet<string> = new Set([
  "./runtime",
  "./codegen",
  "./worker/bun",
  "./worker/deno",
  "./worker/node",
  "./telemetry",
  // The official packages look for `node:buffer` themselves.
  "./adapters/anthropic",
  "./adapters/openai",
  "./worker/workerd",
  "./workerd",
]);

describe("a bundle for a place that has nothing but the web's APIs", () => {
  const bun = runtime("bun");
  /** One bundle of each program, all by one process. */
  async function bundle(programs: readonly string[], ...flags: string[]): Promise<string[]> {
    const place = await mkdtemp(join(folder, "bundles-"));
    const names = programs.map((_, at) => join(place, `bundle${at}`));
    for (const [at, program] of programs.entries()) {
      await writeFile(`${names[at]}.ts`, program.replaceAll("ROOT", root));
    }
    // Left outside, an import of a runtime's own module stays to be seen; inside, it would be replaced by nothing.
    const outside = ["node:*", "bun:*", "cloudflare:*", "bun"].map((one) => `--external=${one}`);
    const args = [
      "build",
      ...names.map((name) => `${name}.ts`),
      `--outdir=${place}`,
      `--root=${place}`,
    ];
    const web = ["--target=browser", "--format=iife", ...outside, ...flags];
    const { ok, output } = await run(bun.path, [...args, ...web], { cwd: root });
    expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
    return await Promise.all(names.map((name) => readFile(`${name}.js`, "utf8")));
  }
  const RUNTIME_MODULE =
    /(?:\bfrom|\bimport\s*\(?|\brequire\w*\s*\()\s*["'](?:node:|bun\b|cloudflare:|fs|net|path|os|http|https)["':/\w-]*/g;
  function expectWeb(code: string): void {
    // In quotes it is a line of the program that the console writes for a reader.
    const own = code.replace(/['"`]import \{ readFile \} from "node:fs\/promises";/g, "");
    expect(own.match(RUNTIME_MODULE) ?? []).toEqual([]);
  }
  function execute(code: string, extra: object = {}): { readonly result: unknown } {
    const context = createContext({ ...WEB, ...extra });
    context["globalThis"] = context;
    runInContext(code, context);
    return context as unknown as { result: unknown };
  }

  // The bundler is Bun's wherever this runs.
  if (!OWN_CHORES) return;
  const universal = entries.filter(([name]) => !OF_A_RUNTIME.has(name));
  for (const conditions of [[], ["--conditions=workerd"]]) {
    const where = conditions.length === 0 ? "a browser" : "workerd";
    let bundles: Promise<string[]> | undefined;
    for (const [at, [name]] of universal.entries()) {
      test.skipIf(bun.missing !== undefined)(
        titled(`${name} for ${where}`, bun.missing),
        async () => {
          const programs = universal.map(([, file]) =>
            `import * as all from "ROOT/${file}"; globalThis.result = Object.keys(all).length;`
          );
          bundles ??= bundle(programs, ...conditions);
          const code = (await bundles)[at] ?? "";
          expectWeb(code);
          expect(execute(code).result).toBeGreaterThan(0);
        },
      );
    }
  }

  test.skipIf(bun.missing !== undefined)(
    titled("a stream of one operation, on fetch", bun.missing),
    async () => {
      const [code = ""] = await bundle(
        [
          `import { chatCompletionsCreate, createOpenAICore } from "ROOT/connectors/openai/mod.gen.ts";
import { fetchRuntime } from "ROOT/src/connector/mod.ts";
const client = createOpenAICore({ apiKey: "none", runtime: fetchRuntime() });
globalThis.result = chatCompletionsCreate(client, {
  model: "m", messages: [{ role: "user", content: "Hello" }], stream: true,
}).text();`,
        ],
        "--minify",
      );
      expectWeb(code);
      // Neither the engine nor the other operations; bundle_sizes.test.ts watches its size.
      expect(code).not.toContain("/moderations");
      expect(code).not.toContain("egress.");
      const asked: string[] = [];
      const fetch = (url: string): Promise<Response> => {
        asked.push(url);
        const events = ["é", "!"].map((content) =>
          `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`
        );
        return Promise.resolve(new Response(`${events.join("")}data: [DONE]\n\n`));
      };
      expect(await execute(code, { fetch }).result).toBe("é!");
      expect(asked).toEqual(["https://api.openai.com/v1/chat/completions"]);
    },
  );
});
