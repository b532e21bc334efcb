/** What the READMEs of official packages show, with only the import changed: it compiles, and it runs against the simulator. */
import { afterAll, beforeAll, describe, expect, spyOn, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { serveHttp } from "../../../src/platform/serve.ts";
import { createSimulator, type Simulator } from "../../../src/simulator/mod.ts";
import { COMPILER } from "../../../tools/lib/compiler.ts";
import { run } from "../../../tools/lib/run.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_CHORES } from "../../support/share.ts";

const ROOT = join(import.meta.dirname, "../../..");

interface Snippet {
  readonly package: "openai" | "@anthropic-ai/sdk";
  readonly class: "OpenAI" | "Anthropic";
  /** Text of the block that no other block has. */
  readonly has: string;
  /** Some statements of a block, of which the rest is listed in the connector's page as what differs. */
  readonly only?: RegExp;
}

/** All but `console.log(response.output_text)`, which only the official package has. */
const CALL = /^const response = .*?^\}\);$/ms;
const OPENAI = { package: "openai", class: "OpenAI" } as const;
const SNIPPETS: Readonly<Record<string, Snippet>> = {
  "a chat completion": { ...OPENAI, has: "completion.choices[0].message.content" },
  "a response": { ...OPENAI, has: "You are a coding assistant", only: CALL },
  "what is in an image": { ...OPENAI, has: "What is in this image?", only: CALL },
  "a streamed response": { ...OPENAI, has: "Sheep sleep deep" },
  "the response itself": { ...OPENAI, has: "httpResponse.headers" },
  "the upload of a File": { ...OPENAI, has: "toStreamingFile(", only: /^await .*new File\(.*$/m },
  "a message": { package: "@anthropic-ai/sdk", class: "Anthropic", has: "Hello, Claude" },
};

async function textOf(snippet: Snippet): Promise<string> {
  const readme = await readFile(join(ROOT, "node_modules", snippet.package, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```[jt]s\n(.*?)^```/gms)].map(([, text = ""]) => text)
    .filter((text) => text.includes(snippet.has));
  expect(blocks.length).toBe(1);
  const [block = ""] = blocks;
  const text = snippet.only === undefined
    ? block.replace(new RegExp(`^import ${snippet.class} .*$`, "m"), "")
    : `const client = new ${snippet.class}();\n${snippet.only.exec(block)?.[0]}`;
  return `import { ${snippet.class} } from "./ours.ts";\n${text}\nexport {};\n`;
}

/** The generated classes, pointed at the simulator. */
const OURS = `import { OpenAI as A, type OpenAIOptions } from "ROOT/connectors/openai/mod.gen.ts";
import { Anthropic as B, type AnthropicOptions } from "ROOT/connectors/anthropic/mod.gen.ts";
import { fetchRuntime } from "ROOT/src/connector/mod.ts";
const runtime = fetchRuntime();
const logger = { warn() {} };
const baseURL = process.env["SIMULATOR_URL"];
export class OpenAI extends A {
  constructor(options: OpenAIOptions = {}) {
    super({ apiKey: "sk-none", ...options, baseURL: baseURL + "/v1", runtime, logger });
  }
}
export class Anthropic extends B {
  constructor(options: AnthropicOptions = {}) {
    super({ apiKey: "sk-none", ...options, baseURL, runtime, logger });
  }
}
`;
/** Name and content of the file that came last. */
let received: readonly string[] = [];

/** Uploads, which the simulator does not take. */
async function receive(request: Request): Promise<Response> {
  const file = (await request.formData()).get("file");
  if (file instanceof File) received = [file.name, await file.text()];
  return Response.json({ id: "file-1", object: "file" });
}

const CONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: "ES2024",
    lib: ["ES2024", "ESNext.Disposable", "ESNext.Collection", "DOM", "DOM.Iterable"],
    module: "NodeNext",
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    typeRoots: [join(ROOT, "node_modules/@types")],
    types: ["bun"],
  },
  include: ["*.ts"],
};

const reason = OWN_CHORES ? undefined : "the same on all runtimes, the run on Bun tries it";
describe.skipIf(reason !== undefined)(titled("in a program, the README's", reason), () => {
  let folder: string;
  let simulator: Simulator;
  let server: Awaited<ReturnType<typeof serveHttp>>;
  const files = new Map<string, string>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-readme-"));
    simulator = createSimulator();
    const address = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
    server = await serveHttp({
      address,
      fetch: (request) =>
        request.url.endsWith("/v1/files") ? receive(request) : simulator.fetch(request),
    });
    process.env["SIMULATOR_URL"] = server.url;
    process.env["OPENAI_API_KEY"] = process.env["ANTHROPIC_API_KEY"] = "sk-none";
    await writeFile(join(folder, "ours.ts"), OURS.replaceAll("ROOT", ROOT));
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
    for (const [at, [name, snippet]] of Object.entries(SNIPPETS).entries()) {
      files.set(name, join(folder, `snippet${at}.ts`));
      await writeFile(files.get(name) ?? "", await textOf(snippet));
    }
  });
  afterAll(async () => {
    for (const name of ["SIMULATOR_URL", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"]) {
      delete process.env[name];
    }
    await server.stop();
    await rm(folder, { recursive: true });
  });

  test("snippets compile", async () => {
    const args = [...COMPILER, "-p", folder];
    const { output } = await run(runtime("bun").path, args, { cwd: folder });
    expect(output.trim()).toBe("");
  }, 60_000);

  for (const [name, { only }] of Object.entries(SNIPPETS)) {
    test(`${name} runs`, async () => {
      const log = spyOn(console, "log").mockImplementation(() => {});
      try {
        await import(files.get(name) ?? "");
        if (only === undefined) expect(log.mock.calls.flat().length).toBeGreaterThan(0);
        else if (only !== CALL) expect(received).toEqual(["input.jsonl", "my bytes"]);
      } finally {
        log.mockRestore();
      }
    });
  }
});
