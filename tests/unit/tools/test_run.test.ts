/** The parts of `deno task test`: running a step and counting tests. */
import { describe, expect, test } from "bun:test";
import process from "node:process";
import { addCounts, countTests, NO_TESTS, skippedTests } from "../../../tools/lib/junit.ts";
import { run } from "../../../tools/lib/run.ts";
import { runtime } from "../../support/runtimes.ts";

const BUN = `<testsuites name="bun test" tests="5">
  <testsuite name="a.test.ts"><testsuite name="outer">
    <testcase name="a &amp; b" classname="outer" assertions="0" />
    <testcase name="c" classname="in"><failure type="AssertionError" message="x">x</failure></testcase>
    <testcase name="d" classname="in" file="a.test.ts"><skipped /></testcase>
  </testsuite>
  <testcase name="outer" classname="" />
  <testcase name="outer &gt; deep" classname="" />
</testsuite></testsuites>`;

const DENO = `<testsuites name="deno test" tests="7">
  <testcase name="outer" classname="a"><failure message="1 test step failed">1 test step failed.</failure></testcase>
  <testcase name="hook" classname="a"><failure message="Uncaught Error: h">Error: h</failure></testcase>
  <testcase name="t" classname="a">
  </testcase>
  <testcase name="outer &gt; a &amp; b" classname="e"></testcase>
  <testcase name="outer &gt; in" classname="e"><failure message="1 test step failed">1 test step failed.</failure></testcase>
  <testcase name="outer &gt; in &gt; c" classname="e"><failure message="x">x</failure></testcase>
  <testcase name="outer &gt; in &gt; d" classname="e"><skipped/></testcase>
</testsuites>`;

describe("counting", () => {
  test("Bun's report", () => {
    expect(countTests(BUN, false)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });
  test("Deno's report, without its suites but with a hook that failed", () => {
    expect(countTests(DENO, true)).toEqual({ passed: 2, failed: 2, skipped: 1 });
  });
  test("what was skipped, by its full name", () => {
    expect(skippedTests(BUN)).toEqual(["in > d"]);
    expect(skippedTests(DENO)).toEqual(["outer > in > d"]);
  });
  test("a report that is not there", () => {
    expect(countTests("", true)).toEqual(NO_TESTS);
  });
  test("both together", () => {
    expect(addCounts(countTests(BUN, false), countTests(DENO, true))).toEqual({
      passed: 5,
      failed: 3,
      skipped: 2,
    });
  });
});

describe("a step", () => {
  const bun = runtime("bun");
  const script = (code: string): string[] => ["-e", code];
  const options = { cwd: process.cwd() };

  test("succeeds with what it printed", async () => {
    expect(await run(bun.path, script("console.log('out')"), options)).toEqual({
      ok: true,
      output: "out\n",
    });
  });
  test("fails with its exit code and its errors", async () => {
    const { ok, output } = await run(
      bun.path,
      script("console.error('bad'); process.exit(3)"),
      options,
    );
    expect(ok).toBe(false);
    expect(output).toContain("bad");
  });
  test("fails when the program does not exist", async () => {
    const { ok, output } = await run("no-such-program", [], options);
    expect(ok).toBe(false);
    expect(output).toContain("no-such-program");
  });
  test("is ended when nothing comes from it", async () => {
    const { ok, output, silentMs } = await run(bun.path, script("setInterval(() => {}, 1000)"), {
      ...options,
      silentMs: 300,
    });
    expect(ok).toBe(false);
    expect(silentMs).toBe(300);
    expect(output).toContain("ended after 0.3 s of silence");
  });
  test("may take as long as it likes while it shows progress, which not all output is", async () => {
    const code = `let n = 0; setInterval(() => {
      console.log(process.argv.at(-1), n++);
      if (n === 40) process.exit(0);
    }, 100);`;
    const silence = { ...options, silentMs: 2_000, progress: /^step/m };
    expect(await run(bun.path, ["-e", code, "step"], silence)).toMatchObject({ ok: true });
    const chatter = await run(bun.path, ["-e", code.replace("40", "1000"), "chatter"], silence);
    expect(chatter).toMatchObject({ ok: false, silentMs: 2_000 });
  });
});
