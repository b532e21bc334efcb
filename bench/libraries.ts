/** The comparisons in docs/dependencies.md: YAML parsers on a large spec, checks of inputs, and `commander` with our own command parser. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { dereference, type Schema, validate } from "@cfworker/json-schema";
import { parseDocument } from "yaml";
import { parseSimpleYaml } from "../codegen/load/simple.ts";
import { definition as openai } from "../connectors/openai/mod.gen.ts";
import { createChecker } from "../src/schema/check.ts";
import type { Figure, Report } from "./lib/report.ts";
import { median } from "./lib/stats.ts";

const root = join(import.meta.dirname, "..");
/** Installed for the benchmark only. */
const COMMANDER = "commander@15.1.0";

/** 2 MB as generators write it: block style, a few levels deep. */
function largeYaml(): string {
  return Array.from({ length: 10_000 }, (_, n) =>
    `path${n}:
  summary: The summary of operation ${n}
  parameters:
    - { name: id, in: path, required: true }
    - name: "page"
      schema: { type: integer, minimum: ${n} }
  tags: [one, two]
`).join("");
}

/** 2 MB as the importer writes it: a key and JSON on each line. */
function importedSpec(): string {
  const operation = (n: number) => ({
    doc: `The summary of operation ${n}`,
    parameters: [{ name: "id", in: "path", required: true }, { name: "page", type: "integer" }],
    examples: [{ input: { id: `${n}` }, output: { id: `${n}`, tags: ["one", "two"], page: n } }],
  });
  const entries = Array.from(
    { length: 10_000 },
    (_, n) => `  path${n}: ${JSON.stringify(operation(n))}\n`,
  );
  return `operations:\n${entries.join("")}`;
}

/** Processor time, which a busy machine affects less than wall-clock time. */
function timeOf(work: () => unknown, rounds: number): number {
  return median(Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  }));
}

function parsers(rounds: number): Figure[] {
  const text = largeYaml();
  const read = (spec: string) =>
    timeOf(() => {
      if (parseSimpleYaml(spec, { uniqueKeys: true, maxAliasNodes: 100_000 }) === undefined) {
        throw new Error("not read");
      }
    }, rounds);
  const fast = read(text);
  const imported = importedSpec();
  const lines = read(imported);
  // The importer writes no plain text, so this is left to the parser of YAML.
  const events = read(`title: plain\n${imported}`);
  const full = timeOf(() => parseDocument(text, { uniqueKeys: false }).toJS(), rounds);
  const name = "2 MB of block YAML";
  return [
    { name: `${name}: read by js-yaml`, value: fast, unit: "ms" },
    { name: `${name}: read by yaml`, value: full, unit: "ms" },
    { name: `${name}: yaml ÷ js-yaml`, value: full / fast, unit: "×" },
    { name: "2 MB as the importer writes it: read by js-yaml", value: events, unit: "ms" },
    { name: "2 MB as the importer writes it: read line by line", value: lines, unit: "ms" },
  ];
}

const CHECKS = 2000;

/** An input that is right, as almost all are. */
function validators(rounds: number): Figure[] {
  const id = "chat.completions.create";
  const input = { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hello" }] };
  const schema = openai.operations.find((one) => one.id === id)?.input ?? false;
  const check = createChecker(openai.types);
  // The interpreter writes into schemas.
  const root = structuredClone({ $defs: openai.types, allOf: [schema] }) as Schema;
  const lookup = dereference(root);
  const perCall = (isRight: () => boolean): number =>
    timeOf(() => {
      for (let at = 0; at < CHECKS; at++) if (!isRight()) throw new Error("not right");
    }, rounds) / CHECKS * 1000;
  const compiled = perCall(() => check(id, schema, input).length === 0);
  const interpreted = perCall(() => validate(input, root, "2020-12", lookup, false).valid);
  const name = "the input of a chat completion";
  return [
    { name: `${name}: checked, compiled`, value: compiled, unit: "µs" },
    { name: `${name}: checked by @cfworker/json-schema`, value: interpreted, unit: "µs" },
    { name: `${name}: interpreted ÷ compiled`, value: interpreted / compiled, unit: "×" },
  ];
}

/** A module's size, and what loading it costs a process compared with an empty one. */
async function weigh(
  name: string,
  entry: string,
  empty: string,
  rounds: number,
): Promise<Figure[]> {
  const built = await Bun.build({ entrypoints: [entry], target: "node", minify: true });
  const bytes = (await built.outputs[0]?.arrayBuffer())?.byteLength ?? Number.NaN;
  const startOf = (file: string): number =>
    median(Array.from({ length: rounds }, () => {
      const { success, stderr, resourceUsage } = Bun.spawnSync([process.execPath, file]);
      if (!success) throw new Error(stderr.toString());
      return Number(resourceUsage.cpuTime.total) / 1000;
    }));
  const more = startOf(entry) - startOf(empty);
  return [
    { name: `${name}: minified`, value: bytes / 1000, unit: "KB" },
    { name: `${name}: start of a process that parses one command`, value: more, unit: "ms" },
  ];
}

async function commands(folder: string, rounds: number): Promise<Figure[]> {
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  const added = Bun.spawnSync([process.execPath, "add", "--exact", COMMANDER], { cwd: folder });
  if (!added.success) throw new Error(added.stderr.toString());
  const [empty, theirs, ours] = ["empty.ts", "theirs.ts", "ours.ts"].map((name) =>
    join(folder, name)
  ) as [string, string, string];
  await writeFile(empty, "export {};\n");
  await writeFile(
    theirs,
    `import { Command } from "commander";
new Command().option("-p, --port <number>", "port").parse(["--port", "1"], { from: "user" });
`,
  );
  await writeFile(
    ours,
    `import { parseArgs } from "${root}/cli/parse.ts";
import { commandHelp } from "${root}/cli/help.ts";
const command = { name: "a", summary: "b", options: { port: { kind: "number", short: "p", help: "port" } } };
parseArgs(command, ["--port", "1"], () => undefined);
if (commandHelp(command) === "") throw new Error("no help");
`,
  );
  return [
    ...await weigh("commander", theirs, empty, rounds),
    ...await weigh("our commands", ours, empty, rounds),
  ];
}

export async function benchLibraries(rounds: number): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-bench-"));
  try {
    return {
      benchmark: "libraries",
      figures: [...parsers(rounds), ...validators(rounds), ...await commands(folder, rounds)],
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
