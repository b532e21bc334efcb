/**
 * `bun run bench [NAME…] [--rounds N] [--json FILE] [--docs]`. Both sides of every ratio are measured in one run, in
 * turns. `--docs` puts the figures into docs/benchmarks.md. `bun run bench --against COMMIT` compares two checkouts instead.
 */
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { runtime } from "../tests/support/runtimes.ts";
import { compareWith } from "./against.ts";
import { benchBatch } from "./batch/batch.ts";
import { benchBudget } from "./budget.ts";
import { benchCodegen } from "./generator/codegen.ts";
import { benchDatabase } from "./database/database.ts";
import { benchFairness } from "./fairness.ts";
import { benchGateway } from "./gateway/gateway.ts";
import { benchHonesty } from "./honesty.ts";
import { benchHttp } from "./http.ts";
import { benchIpc } from "./ipc.ts";
import { benchLarge } from "./generator/large.ts";
import { benchLibraries } from "./libraries.ts";
import { benchPool } from "./pool/pool.ts";
import { benchResume } from "./resume/resume.ts";
import { benchResilience } from "./resilience.ts";
import { benchRuntime } from "./runtime.ts";
import { benchMcp } from "./mcp/mcp.ts";
import { benchRuntimes } from "./runtimes.ts";
import { benchSharedLimits } from "./shared_limits/shared_limits.ts";
import { benchSse } from "./sse.ts";
import { benchStreams } from "./streams.ts";
import { benchTelemetry } from "./telemetry/telemetry.ts";
import { type Environment, type Report, toText, withReports } from "./lib/report.ts";

const BENCHMARKS: Readonly<Record<string, (rounds: number) => Promise<Report>>> = {
  ipc: benchIpc,
  http: benchHttp,
  telemetry: benchTelemetry,
  runtimes: benchRuntimes,
  gateway: benchGateway,
  sse: benchSse,
  streams: benchStreams,
  resume: benchResume,
  batch: benchBatch,
  database: benchDatabase,
  budget: benchBudget,
  fairness: benchFairness,
  honesty: benchHonesty,
  runtime: benchRuntime,
  resilience: benchResilience,
  pool: benchPool,
  "shared-limits": benchSharedLimits,
  codegen: benchCodegen,
  large: benchLarge,
  libraries: benchLibraries,
  mcp: benchMcp,
};

const DOCUMENT = join(import.meta.dirname, "../docs/benchmarks.md");
const BEGIN = "<!-- figures: written by `bun run bench --docs` -->";
const END = "<!-- end of figures -->";

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "7" },
    json: { type: "string" },
    docs: { type: "boolean", default: false },
    against: { type: "string" },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  fail(`--rounds is ${values.rounds}: give a whole number above 0.`);
}
if (values.against !== undefined) {
  await compareWith(values.against, rounds);
  process.exit(0);
}
const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);

const reports: Report[] = [];
for (const name of names) {
  const bench = BENCHMARKS[name] ??
    fail(`no benchmark ${name}: there are ${Object.keys(BENCHMARKS).join(", ")}.`);
  const report = await bench(rounds);
  reports.push(report);
  console.log(`${toText(report)}\n`);
}

const environment: Environment = {
  runtime: process.versions.bun === undefined
    ? `Node ${process.versions.node}`
    : `Bun ${process.versions.bun}`,
  cores: cpus().length,
  cpu: cpus()[0]?.model ?? "unknown",
  rounds,
};
const json = `${JSON.stringify({ environment, reports }, undefined, 2)}\n`;
if (values.json === undefined) console.log(json);
else await writeFile(values.json, json);

if (values.docs) {
  const text = await readFile(DOCUMENT, "utf8");
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before === -1 || after === -1) {
    fail(`docs/benchmarks.md has no place for the figures: ${BEGIN} … ${END}`);
  }
  const machine =
    `${environment.runtime}, ${environment.cores} cores (${environment.cpu}), median of ${rounds} rounds.`;
  // Of those that were not measured now, the figures stay.
  const all = Object.keys(BENCHMARKS);
  const figures = withReports(text.slice(before, after), reports, all, machine);
  await writeFile(
    DOCUMENT,
    `${text.slice(0, before)}${BEGIN}\n\n${figures}\n\n${text.slice(after)}`,
  );
  // Its tables are laid out like those of every other document.
  const { path, missing } = runtime("deno");
  if (missing !== undefined) fail(`the document is written but not laid out: ${missing}`);
  spawnSync(path, ["fmt", "--quiet", DOCUMENT]);
  console.log("docs/benchmarks.md now has these figures.");
}
