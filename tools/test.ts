/**
 * Everything that must hold before a change lands: `deno task test`. One line a step; the first step that fails shows
 * what it printed and ends the run. The last line counts the tests of Bun and of Deno together.
 *
 * With arguments, only the steps whose names contain one of them: `deno task test lint types`.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { runtime, RUNTIMES } from "../tests/support/runtimes.ts";
import { CHECKS } from "./checks.ts";
import { addCounts, type Count, countTests, NO_TESTS } from "./lib/junit.ts";
import { describeProblem } from "./lib/problem.ts";
import { type Outcome, run } from "./lib/run.ts";

const root = join(import.meta.dirname, "..");

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome & { readonly count?: Count }>;
}

for (const name of RUNTIMES) {
  const { missing } = runtime(name);
  if (missing === undefined) continue;
  console.log(`– ${missing}`);
  // Node's tests say themselves why they were skipped; without the other two there is nothing to run the tests with.
  if (name !== "node") process.exit(1);
}
const bun = runtime("bun").path;
const deno = runtime("deno").path;

function command(name: string, path: string, ...args: string[]): Step {
  return { name, run: () => run(path, args, { cwd: root }) };
}

const STATIC: readonly Step[] = [
  command("formatting", deno, "fmt", "--check"),
  command("lint (deno)", deno, "lint", "--quiet"),
  command("lint (oxlint)", bun, "node_modules/oxlint/bin/oxlint", "--type-aware"),
  ...CHECKS.map(({ name, check }): Step => ({
    name,
    run: async () => {
      const problems = await check(root);
      return { ok: problems.length === 0, output: problems.map(describeProblem).join("\n") };
    },
  })),
  command("types", bun, "node_modules/typescript/bin/tsc", "-p", "."),
  command("unused code", bun, "node_modules/knip/bin/knip.js", "--no-progress"),
  command("generated wire code", bun, "tools/gen_wire.ts", "--check"),
  command("generated connectors", bun, "codegen/main.ts", "--check"),
];

function testStep(
  name: string,
  path: string,
  suitesAreCases: boolean,
  args: (report: string) => string[],
): Step {
  return {
    name,
    run: async () => {
      const folder = await mkdtemp(join(tmpdir(), "vastar-test-"));
      try {
        const report = join(folder, "report.xml");
        const outcome = await run(path, args(report), { cwd: root });
        const xml = await readFile(report, "utf8").catch(() => "");
        const count = countTests(xml, suitesAreCases);
        // A run that wrote no report has tested nothing, whatever its exit code says.
        const ok = outcome.ok && count.passed > 0 && count.failed === 0;
        // A file that could not be loaded stands in no report.
        const failed = ok ? 0 : Math.max(1, count.failed);
        return { ...outcome, ok, count: { ...count, failed } };
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  };
}

const TESTS: readonly Step[] = [
  testStep("tests on Bun", bun, false, (report) => [
    "test",
    "--timeout=20000",
    "--only-failures",
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    "tests/",
  ]),
  testStep("tests on Deno", deno, true, (report) => [
    "test",
    "--allow-all",
    "--no-check",
    "--quiet",
    "--reporter=dot",
    `--junit-path=${report}`,
    "tests/",
  ]),
];

let total = NO_TESTS;
let failed: string | undefined;

async function perform(step: Step): Promise<void> {
  const start = performance.now();
  const { ok, output, count } = await step.run().catch((error: unknown) => ({
    ok: false,
    output: error instanceof Error ? error.stack ?? error.message : String(error),
    count: undefined,
  }));
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(6);
  const tests = count === undefined
    ? ""
    : `  ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
  console.log(`${ok ? "✓" : "✗"} ${step.name.padEnd(22)}${seconds} s${tests}`);
  if (count !== undefined) total = addCounts(total, count);
  if (ok) return;
  failed ??= step.name;
  console.log(`${output.trim()}\n`);
}

/** `lanes` steps at a time, none after a failure. */
async function performAll(steps: readonly Step[], lanes: number): Promise<void> {
  const waiting = [...steps];
  const lane = async (): Promise<void> => {
    for (
      let step = waiting.shift();
      step !== undefined && failed === undefined;
      step = waiting.shift()
    ) {
      await perform(step);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

const wanted = process.argv.slice(2);
const chosen = (steps: readonly Step[]): Step[] =>
  steps.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

const start = performance.now();
await performAll(chosen(STATIC), 2);
// Alone, one after the other: tests of timing and of memory do not share their two cores.
await performAll(chosen(TESTS), 1);
console.log(
  `${((performance.now() - start) / 1000).toFixed(1)} s${
    failed === undefined ? "" : `, stopped by: ${failed}`
  }`,
);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(failed === undefined ? 0 : 1);
