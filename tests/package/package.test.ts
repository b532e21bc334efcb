/** What is published: built, packed, installed into an empty project, imported and used on every runtime. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { buildPackage, portDeclarations, publishedManifest } from "../../tools/build.ts";
import { COMPILER } from "../../tools/lib/compiler.ts";
import { listFiles } from "../../tools/lib/files.ts";
import { run } from "../../tools/lib/run.ts";
import type { Component } from "../../tools/sbom.ts";
import { OWN_RUNTIME } from "../support/process.ts";
import { runtime, RUNTIMES, titled } from "../support/runtimes.ts";
import { writeTree } from "../support/tree.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";
import { dataOf, startWorker } from "../e2e/worker/worker_support.ts";
import { packedInto } from "./packed.ts";

const repository = join(import.meta.dirname, "../..");
const COMMAND = "node_modules/@vastar/connector/cli/main.js";

describe("building", () => {
  test("points declarations at the built files", () => {
    const text = `import type { A } from "./a.ts";
export { b } from "../b.ts";
export declare const c: import("./c.ts").C;
export type { D } from "hono";
declare const text = "./a.ts";
`;
    expect(portDeclarations(text)).toBe(`import type { A } from "./a.js";
export { b } from "../b.js";
export declare const c: import("./c.js").C;
export type { D } from "hono";
declare const text = "./a.ts";
`);
  });

  test("publishes built entry points and nothing that is for development", () => {
    const manifest = publishedManifest({
      name: "x",
      imports: { "#platform": { bun: "./src/a.ts", default: "./src/b.ts" } },
      exports: { ".": "./mod.ts", "./schema.json": "./schema.json" },
      sideEffects: ["./src/a.ts"],
      engines: { node: ">=22.18", bun: ">=1.4.5" },
      scripts: { preworker: "x" },
      devDependencies: { expect: "1" },
      dependencies: { yaml: "2.9.1" },
    });
    expect(manifest).toMatchObject({
      imports: { "#platform": { bun: "./src/a.js", default: "./src/b.js" } },
      exports: {
        ".": { types: "./mod.d.ts", default: "./mod.js" },
        "./schema.json": "./schema.json",
      },
      sideEffects: ["./src/a.js"],
      engines: { node: ">=20", bun: ">=1.4.5" },
      dependencies: { yaml: "2.9.1" },
    });
    expect(Object.keys(manifest)).not.toContain("scripts");
    expect(Object.keys(manifest)).not.toContain("devDependencies");
  });
});

/** Imports every entry point, makes a call through the engine in the process, and prints what it saw. */
const PROGRAM = `
const { entries, url } = JSON.parse(process.argv[2]);
const names = {};
for (const entry of entries) names[entry] = Object.keys(await import(entry)).length;
const { RuntimeClient } = await import("@vastar/connector");
const client = await RuntimeClient.connect("embedded:");
const { statusCode } = await client.executeHTTP({ url });
await client.close();
console.log(JSON.stringify({ names, statusCode, address: client.address }));
`;

const elsewhere = OWN_RUNTIME === "deno"
  ? "one for all, the run on Bun builds it and tries it on every runtime"
  : undefined;
describe.skipIf(elsewhere !== undefined)(titled("the packed package", elsewhere), () => {
  let folder: string;
  let project: string;
  let upstream: UpstreamServer;
  let entries: string[];
  let tarball: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-package-"));
    upstream = await startUpstream();
    const dist = join(folder, "dist");
    // The adapters and the telemetry of a process are for programs that have the packages they are for.
    const peers = ["openai", "@anthropic-ai/sdk", "@opentelemetry/sdk-node"];
    ({ tarball, project } = await packedInto(folder, peers));
    await writeTree(project, { "program.mjs": PROGRAM });
    const manifest = JSON.parse(await readFile(join(dist, "package.json"), "utf8")) as {
      exports: object;
    };
    entries = Object.keys(manifest.exports)
      .filter((path) => !path.endsWith(".json"))
      .map((path) => `@vastar/connector${path.slice(1)}`);
    const modules = await readdir(join(project, "node_modules"));
    expect(modules).toContain("yaml");
    expect(modules).not.toContain("ts-morph");
  }, 120_000);

  afterAll(async () => {
    await upstream.close();
    await rm(folder, { recursive: true });
  });

  for (const name of [...RUNTIMES, "node20"] as const) {
    const { missing } = runtime(name);
    test.skipIf(missing !== undefined)(
      titled(`works on ${name}`, missing),
      async () => {
        const { path, script } = runtime(name);
        const input = JSON.stringify({ entries, url: `${upstream.url}/json` });
        const env = { VASTAR_ALLOW: `${upstream.host}:${upstream.port}` };
        const { ok, output } = await run(path, script("program.mjs", input), { cwd: project, env });
        expect({ ok, output: ok ? "" : output }).toEqual({ ok: true, output: "" });
        const seen = JSON.parse(output) as {
          names: Record<string, number>;
          statusCode: number;
          address: string;
        };
        expect(Object.keys(seen.names)).toEqual(entries);
        expect(Object.values(seen.names).every((count) => count > 0)).toBe(true);
        expect(seen.statusCode).toBe(200);
        expect(seen.address).toBe("embedded:");
      },
      60_000,
    );
  }

  for (const name of [...RUNTIMES, "node20"] as const) {
    const { missing } = runtime(name);
    test.skipIf(missing !== undefined)(
      titled(`serves a stream over HTTP on ${name}`, missing),
      async () => {
        const worker = await startWorker(name, [], {}, join(project, COMMAND));
        try {
          const response = await worker.post(
            "/connectors/openai/chat.completions.create",
            JSON.stringify({
              model: "gpt-4o-mini",
              messages: [{ role: "user", content: "Hi" }],
              stream: true,
            }),
          );
          expect(dataOf(await response.text()).length).toBeGreaterThan(3);
        } finally {
          await worker.program.stop();
        }
      },
      60_000,
    );
  }

  test("says which package a pool needs, where it is not installed", async () => {
    await writeTree(project, {
      "pool.mjs": `
        import { RuntimeClient } from "@vastar/connector";
        const client = new RuntimeClient({ address: "nats://127.0.0.1/pool" });
        await client.executeHTTP({ url: "http://a.example" }).catch((error) => console.log(error.code, error.message));`,
    });
    for (const name of RUNTIMES.filter((one) => runtime(one).missing === undefined)) {
      const { path, script } = runtime(name);
      const { output } = await run(path, script("pool.mjs"), { cwd: project });
      expect(output).toContain("package.missing");
      expect(output).toContain("npm install @nats-io/transport-node");
    }
  }, 60_000);

  test("is built the same, byte for byte, by another build", async () => {
    await buildPackage(join(folder, "again"), { check: false });
    const files = await listFiles(join(folder, "dist"));
    expect(await listFiles(join(folder, "again"))).toEqual(files);
    for (const file of files) {
      const [one, other] = await Promise.all(
        ["dist", "again"].map((build) => readFile(join(folder, build, file))),
      );
      expect([file, one?.equals(other ?? new Uint8Array())]).toEqual([file, true]);
    }
  }, 60_000);

  test("lists what it depends on, and nothing that is for development", async () => {
    const bill = JSON.parse(await readFile(join(folder, "dist/sbom.cdx.json"), "utf8")) as {
      components: Component[];
    };
    const manifest = JSON.parse(await readFile(join(folder, "dist/package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const listed = bill.components.map(({ name, version }) => `${name}@${version}`);
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(manifest.dependencies)));
    expect(listed).toContain("argparse@3.0.4");
    expect(listed.join()).not.toMatch(/expect@|oxlint/);
    for (const { hashes, licenses } of bill.components) {
      expect(hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
      expect(licenses[0].license.id).not.toBe("NOASSERTION");
    }
  });

  test("asks for no newer Node than it does itself, nor does anything that it installs", async () => {
    const text = await readFile(join(folder, "dist/sbom.cdx.json"), "utf8");
    const { components } = JSON.parse(text) as { components: Component[] };
    const needs: Record<string, string> = {};
    for (const { name } of components) {
      const manifest = join(project, "node_modules", name, "package.json");
      const found = await readFile(manifest, "utf8").catch(() => "{}");
      const { engines } = JSON.parse(found) as { engines?: { node?: string } };
      if (engines?.node !== undefined) needs[name] = engines.node;
    }
    const first = (range: string): number => Number(/\d+/.exec(range)?.[0] ?? 0);
    const newer = Object.entries(needs).filter(([, ranges]) =>
      ranges.split("||").every((range) => first(range) > 20)
    );
    expect(Object.keys(needs).length).toBeGreaterThan(3);
    // npm warns of each.
    expect(newer).toEqual([]);
  });

  test("has nothing that publint objects to", async () => {
    const packed = await readFile(join(folder, tarball));
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(packed).buffer },
      level: "suggestion",
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  const STREAM = `import { chatCompletionsCreate, createOpenAICore } from "OPENAI";
import { fetchRuntime } from "@vastar/connector/connector";
const client = createOpenAICore({ apiKey: "none", runtime: fetchRuntime() });
globalThis.result = chatCompletionsCreate(client, {
  model: "m", messages: [{ role: "user", content: "Hello" }], stream: true,
}).text();`;

  /** The size of a streamed chat completion, bundled in an application. */
  async function bundledSize(openai: string): Promise<number> {
    const folder = join(project, `bundle-${openai.length}`);
    await writeTree(folder, {
      "package.json": JSON.stringify({ name: "app", type: "module" }),
      "main.ts": STREAM.replace("OPENAI", openai),
      "openai/connector.yaml": await readFile(
        join(repository, "connectors/openai/connector.yaml"),
        "utf8",
      ),
    });
    const { path, script } = runtime("bun");
    const generate = script(join(project, COMMAND), "generate", "openai");
    expect(await run(path, generate, { cwd: folder })).toMatchObject({ ok: true });
    const args = ["build", "main.ts", "--target=browser", "--minify", "--outfile=out.js"];
    expect(await run(path, args, { cwd: folder })).toMatchObject({ ok: true });
    return (await readFile(join(folder, "out.js"))).length;
  }

  test("leaves out of a bundle what a program does not use", async () => {
    expect(await bundledSize("@vastar/connector/connectors/openai")).toBeLessThan(40_000);
  }, 60_000);

  test(
    "so does a generated folder of the application's own, whatever its package says",
    async () => {
      expect(await bundledSize("./openai/mod.gen.ts")).toBeLessThan(40_000);
    },
    60_000,
  );

  test("type-checks in a strict program, without the types of any runtime", async () => {
    const lines = entries.map((entry, index) => `export * as e${index} from "${entry}";`);
    await writeTree(project, {
      "program.ts": lines.join("\n"),
      "tsconfig.json": JSON.stringify({
        compilerOptions: {
          strict: true,
          noEmit: true,
          target: "ES2024",
          lib: [
            "ES2024",
            "ESNext.Disposable",
            "ESNext.Collection",
            "DOM",
            "DOM.Iterable",
            "DOM.AsyncIterable",
          ],
          module: "NodeNext",
          types: [],
        },
        files: ["program.ts"],
      }),
    });
    const args = [...COMPILER, "-p", "."];
    const { output } = await run(runtime("bun").path, args, { cwd: project });
    // Declarations of other packages are theirs to keep right.
    const ours = output.split("\n").filter((line) => /^program|@vastar\/connector\//.test(line));
    expect(ours).toEqual([]);
  }, 60_000);
});
