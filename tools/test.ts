/**
 * Everything that must hold before a change lands: `deno task test`. One line per step. A failing static step ends the run;
 * of the tests, all are run. What failed is shown at the end, and the last line counts the tests of Bun and Deno together.
 *
 * With arguments, only the steps whose names contain one of them: `deno task test lint types`.
 */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ALONE, runsOnce } from "../tests/schedule.ts";
import { runtime, type RuntimeName, RUNTIMES } from "../tests/support/runtimes.ts";
import { CHECKS } from "./checks/mod.ts";
import { COMPILER } from "./lib/compiler.ts";
import { listFiles } from "./lib/files.ts";
import { addCounts, type Count, NO_TESTS } from "./lib/junit.ts";
import { inLanes } from "./lib/lanes.ts";
import { describeProblem } from "./lib/problem.ts";
import { type Outcome, run } from "./lib/run.ts";
import { batchesOf, runBatch, type TestRuntime } from "./lib/suite.ts";

const root = join(import.meta.dirname, "..");
// The compiler and the linter are programs in Go, which spend a quarter of their time on freeing memory that they may keep.
process.env["GOGC"] ??= "400";
/** Two more than there are cores: many tests wait for a process or a timer. Four is as many as were tried. */
const LANES = Math.min(4, availableParallelism() + 2);

interface Step {
  readonly name: string;
  /** Why it is skipped. */
  readonly missing?: string | undefined;
  readonly run: () => Promise<Outcome>;
}

for (const name of RUNTIMES) {
  const { missing } = runtime(name);
  // Whatever cannot run without it says so below, or in the name of a test.
  if (missing !== undefined) console.log(`– without ${missing}`);
}

function command(name: string, on: RuntimeName, ...args: string[]): Step {
  const { path, missing } = runtime(on);
  return { name, missing, run: () => run(path, args, { cwd: root }) };
}

const STATIC: readonly Step[] = [
  command("formatting", "deno", "fmt", "--check"),
  command("lint (deno)", "deno", "lint", "--quiet"),
  command("lint (oxlint)", "bun", "node_modules/oxlint/bin/oxlint", "--type-aware"),
  ...CHECKS.map(({ name, check }): Step => ({
    name,
    run: async () => {
      const problems = await check(root);
      return { ok: problems.length === 0, output: problems.map(describeProblem).join("\n") };
    },
  })),
  command("types", "bun", ...COMPILER, "-p", "."),
  command("unused code", "bun", "node_modules/knip/bin/knip.js", "--no-progress"),
  // Checks the files that JSR would publish and that all their types are explicit; nothing is sent.
  command("JSR package", "deno", "publish", "--dry-run", "--allow-dirty", "--no-check"),
  command("API report", "bun", "tools/api.ts", "--check"),
  command("generated wire code", "bun", "tools/gen_wire.ts", "--check"),
  command("generated console", "bun", "tools/gen_console.ts", "--check"),
  command("generated connectors", "bun", "cli/main.ts", "generate", "--check"),
];

/** The tests of one runtime: a step for the reader, many processes to run. */
interface Suite {
  readonly runtime: TestRuntime;
  readonly started: number;
  waiting: number;
  count: Count;
  readonly skipped: string[];
  readonly failures: string[];
}

function line(ok: boolean, name: string, since: number, count?: Count): void {
  const seconds = ((performance.now() - since) / 1000).toFixed(1).padStart(6);
  const tests = count === undefined
    ? ""
    : `  ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
  console.log(`${ok ? "✓" : "✗"} ${name.padEnd(22)}${seconds} s${tests}`);
}

const stopped: string[] = [];
const failures: string[] = [];
let total = NO_TESTS;

async function perform(step: Step): Promise<void> {
  if (step.missing !== undefined) return console.log(`– ${step.name}: skipped, see above`);
  const since = performance.now();
  const { ok, output } = await step.run().catch((error: unknown) => ({
    ok: false,
    output: error instanceof Error ? error.stack ?? error.message : String(error),
  }));
  line(ok, step.name, since);
  if (ok) return;
  stopped.push(step.name);
  failures.push(`── ${step.name}\n${output.trim()}`);
}

/** Batches that failed beside others: each is tried once more by itself, and the output says so. */
const again: (() => Promise<void>)[] = [];
const unsteady: string[] = [];

async function performBatch(suite: Suite, files: readonly string[], alone = false): Promise<void> {
  const result = await runBatch(root, suite.runtime, files);
  if (!result.ok && !alone) {
    unsteady.push(`── failed at first on ${suite.runtime.name}, beside others\n${result.failures}`);
    again.push(() => performBatch(suite, files, true));
    return;
  }
  suite.count = addCounts(suite.count, result.count);
  suite.skipped.push(...result.skipped);
  if (!result.ok) suite.failures.push(result.failures);
  if (--suite.waiting > 0) return;
  const name = `tests on ${suite.runtime.name}`;
  line(suite.failures.length === 0, name, suite.started, suite.count);
  total = addCounts(total, suite.count);
  for (const one of suite.skipped) console.log(`  – skipped on ${suite.runtime.name}: ${one}`);
  if (suite.failures.length === 0) return;
  stopped.push(name);
  failures.push(...suite.failures.map((text) => `── ${name}\n${text}`));
}

const wanted = process.argv.slice(2);
const chosen = (name: string): boolean =>
  wanted.length === 0 || wanted.some((word) => name.includes(word));

const start = performance.now();
await inLanes(STATIC.filter(({ name }) => chosen(name)), LANES, perform, () => stopped.length > 0);
if (stopped.length === 0) {
  const files = await listFiles(root, ".test.ts");
  const once = batchesOf(files.filter(runsOnce));
  const shared = batchesOf(files.filter((file) => !(file in ALONE) && !runsOnce(file)));
  const alone = files.filter((file) => file in ALONE).map((file) => [file]);
  const found = ([["Bun", runtime("bun")], ["Deno", runtime("deno")]] as const).filter(([name]) =>
    chosen(`tests on ${name}`)
  );
  for (const [name, { missing }] of found) {
    if (missing !== undefined) console.log(`– tests on ${name}: skipped, see above`);
  }
  const suites = found.filter(([, { missing }]) => missing === undefined)
    .map(([name, { path }]): TestRuntime => ({ name, path }))
    .map((runtime): Suite => ({
      runtime,
      started: performance.now(),
      waiting: 0,
      count: NO_TESTS,
      skipped: [],
      failures: [],
    }));
  const jobs = (batches: readonly string[][], on: readonly Suite[]) =>
    batches.flatMap((batch) =>
      on.map((suite) => {
        suite.waiting++;
        return () => performBatch(suite, batch);
      })
    );
  const last = jobs(alone, suites);
  // Both runtimes' batches of the same files one after the other, so that slow ones start first on both.
  const first = [...jobs(once, suites.slice(0, 1)), ...jobs(shared, suites)];
  await inLanes(first, LANES, (job) => job());
  await inLanes(last, 1, (job) => job());
  await inLanes(again, 1, (job) => job());
}
for (const failure of unsteady) console.log(`\n${failure}`);
for (const failure of failures) console.log(`\n${failure}`);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
const because = stopped.length === 0 ? "" : `, failed: ${stopped.join(", ")}`;
console.log(`${failures.length > 0 ? "\n" : ""}${seconds} s, ${total.skipped} skipped${because}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(stopped.length === 0 ? 0 : 1);
