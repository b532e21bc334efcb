/** The test files as processes of a few files each, so that they can share the cores and one that hangs has a name. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TEST_MS } from "../../tests/support/runner/limits.ts";
import { type Count, countTests, skippedTests } from "./junit.ts";
import { run } from "./run.ts";
import { failuresOf, hungAt, TEST_ENDED } from "./test_output.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
/** Starting a process costs as much as many of these files do. */
const FILES_A_BATCH = 36;
/** Few enough that no core waits for the last process. */
const SLOW_FILES_A_BATCH = 4;
/** No test may take this long, not even on a busy machine. */
const SILENT_MS = 10 * TEST_MS;

export interface TestRuntime {
  readonly name: "Bun" | "Deno";
  readonly path: string;
}

export interface BatchResult {
  readonly ok: boolean;
  readonly count: Count;
  /** The names of tests that were skipped, with their reasons. */
  readonly skipped: readonly string[];
  /** The failures, for a reader. Empty if there are none. */
  readonly failures: string;
}

/** Tests that start processes come first: they take longest, and nothing should wait for them at the end. */
const SLOW = [
  "tests/package/",
  "tests/unit/platform/on_node",
  "tests/conformance/",
  "tests/canary/",
  "tests/e2e/",
  "tests/unit/cli/",
  "tests/codegen/",
  "tests/connectors/",
];

export function batchesOf(files: readonly string[]): string[][] {
  const rank = (file: string): number => SLOW.findIndex((start) => file.startsWith(start));
  const slow = files.filter((file) => rank(file) !== -1)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const others = files.filter((file) => rank(file) === -1).toSorted();
  return [...inBatches(slow, SLOW_FILES_A_BATCH), ...inBatches(others, FILES_A_BATCH)];
}

function inBatches(files: readonly string[], size: number): string[][] {
  const count = Math.ceil(files.length / size);
  return Array.from({ length: count }, (_, at) => files.slice(at * size, (at + 1) * size));
}

function argumentsFor({ name }: TestRuntime, files: readonly string[], report: string): string[] {
  return name === "Bun"
    ? [
      "test",
      `--timeout=${TEST_MS}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files.map((file) => `./${file}`),
    ]
    : [
      "test",
      "--allow-all",
      "--no-check",
      "--quiet",
      `--config=${join(REPOSITORY, "deno.json")}`,
      `--junit-path=${report}`,
      join(REPOSITORY, "tests/support/runner/batch.ts"),
    ];
}

export async function runBatch(
  root: string,
  runtime: TestRuntime,
  files: readonly string[],
  silentMs: number = SILENT_MS,
): Promise<BatchResult> {
  const folder = await mkdtemp(join(tmpdir(), "vastar-test-"));
  try {
    const report = join(folder, "report.xml");
    const env = {
      VASTAR_TEST_FILES: JSON.stringify(files),
      // Node reads our TypeScript anew for each process otherwise, which is half of what starting one takes.
      NODE_COMPILE_CACHE: join(REPOSITORY, "node_modules/.cache/node"),
    };
    const options = { cwd: root, progress: TEST_ENDED, silentMs, env };
    const args = argumentsFor(runtime, files, report);
    const { ok, output, silentMs: silence } = await run(runtime.path, args, options);
    const xml = await readFile(report, "utf8").catch(() => "");
    const count = countTests(xml, runtime.name === "Deno");
    // On Deno the file comes first.
    const skipped = skippedTests(xml).map((name) => name.replace(/^\S+\.test\.ts > /, ""));
    const unexplained = skipped.filter((name) => !name.includes(": "));
    const problems = unexplained.map((name) =>
      `skipped without ": " and a reason in its name: ${name}`
    );
    if (silence !== undefined) {
      problems.push(`no test ended for ${silence / 1000} s: hung ${hungAt(output, files)}`);
    }
    // A run without a report has tested nothing, whatever its exit code.
    if (count.passed + count.skipped === 0) problems.push(`no tests in ${files.join(", ")}`);
    // A file that could not be loaded does not appear in the report.
    const failed = ok && problems.length === 0 ? count.failed : Math.max(1, count.failed);
    const failures = failed === 0 ? "" : [failuresOf(output), ...problems].join("\n");
    return { ok: failed === 0, count: { ...count, failed }, skipped, failures };
  } finally {
    await rm(folder, { recursive: true });
  }
}
