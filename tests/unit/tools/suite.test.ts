/** Test files as `deno task test` runs them: in batches, watched, with a readable report. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkSchedule } from "../../../tools/checks/schedule.ts";
import { inLanes } from "../../../tools/lib/lanes.ts";
import { batchesOf, runBatch, type TestRuntime } from "../../../tools/lib/suite.ts";
import { failuresOf, hungAt } from "../../../tools/lib/test_output.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { writeTree } from "../../support/tree.ts";

const BUN_OUTPUT = `bun test v1.4.5

quiet.test.ts:
(pass) a [0.06ms]

a.test.ts:
(pass) outer > passes [0.06ms]
error: expect(received).toEqual(expected)
(fail) outer > fails [0.32ms]
(skip) outer > later: why
`;
const DENO_OUTPUT = `running 1 test from ./a.test.ts
outer ...
  passes ... ok (4ms)
  inner ...
    hangs ...`;

describe("what a run printed", () => {
  test("is cut down to what failed", () => {
    expect(failuresOf(BUN_OUTPUT)).toBe(
      "bun test v1.4.5\n\na.test.ts:\nerror: expect(received).toEqual(expected)\n(fail) outer > fails [0.32ms]",
    );
    expect(failuresOf("x ... ok (4ms)\ny ... FAILED (1ms)\n\n ERRORS \n\ny => a\nerror: z\n")).toBe(
      "y => a\nerror: z",
    );
    expect(failuresOf("thread panicked")).toBe("thread panicked");
  });
  test("says where it hung", () => {
    expect(hungAt(DENO_OUTPUT, [])).toBe('in "outer > inner > hangs" of a.test.ts');
    expect(hungAt(BUN_OUTPUT, [])).toBe('in a.test.ts, after "outer > later: why"');
    expect(hungAt(`${BUN_OUTPUT}\nb.test.ts:\n`, [])).toBe(
      "in b.test.ts, before its first test ended",
    );
    const loader = DENO_OUTPUT.replace("./a.test.ts", "./batch.ts").replace("outer", "a.test.ts");
    expect(hungAt(loader, ["a.test.ts"])).toBe('in "inner > hangs" of a.test.ts');
    expect(hungAt("", ["a", "b"])).toBe("before the first test of a, b");
  });
});

describe("batches", () => {
  test("hold every file once, those that start processes first", () => {
    const files = [
      "tests/unit/a",
      "tests/unit/b",
      "tests/e2e/c",
      "tests/package/d",
      "tests/unit/e",
    ];
    const batches = batchesOf(files);
    expect(batches.flat().toSorted()).toEqual(files.toSorted());
    expect(batches[0]?.slice(0, 2)).toEqual(["tests/package/d", "tests/e2e/c"]);
  });
  test("are performed a few at a time, until it is over", async () => {
    let [now, most] = [0, 0];
    const done: number[] = [];
    await inLanes([1, 2, 3, 4, 5, 6], 2, async (job) => {
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
      done.push(job);
    }, () => done.length >= 4);
    expect(most).toBe(2);
    expect(done).toEqual([1, 2, 3, 4]);
  });
});

describe("the lists of files that run in their own way", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-alone-"));
    await writeTree(folder, { "tests/a.test.ts": "", "tests/b.test.ts": "" });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("names files that exist, with reasons", async () => {
    expect(await checkSchedule(folder, [{ "tests/a.test.ts": "measures memory" }])).toEqual([]);
    const problems = await checkSchedule(folder, [{
      "tests/gone.test.ts": "x",
      "tests/b.test.ts": " ",
    }]);
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringContaining("tests/gone.test.ts, which does not exist"),
      expect.stringContaining("does not say why tests/b.test.ts"),
    ]);
  });
});

for (const name of ["Bun", "Deno"] as const) {
  const { path, missing } = runtime(name === "Bun" ? "bun" : "deno");
  describe.skipIf(missing !== undefined)(titled(`a batch on ${name}`, missing), () => {
    tryBatches({ name, path });
  });
}

function tryBatches(one: TestRuntime): void {
  let folder: string;
  const head = `import { beforeEach, describe, test } from "bun:test";\n`;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vastar-suite-"));
    await writeTree(folder, {
      "fine.test.ts": `${head}test("passes", () => {}); test.skip("later: no server", () => {});`,
      "mute.test.ts": `${head}test("passes", () => {}); test.skip("later", () => {});`,
      "bad.test.ts": `${head}test("breaks", () => { throw new Error("the reason"); });`,
      "unloadable.test.ts": `import "./missing.ts";`,
      "empty.test.ts": "export {};",
      "stuck.test.ts":
        `${head}test("passes", () => {}); test("waits", () => new Promise((end) => setTimeout(end, 1e6)));`,
      "hooks.test.ts":
        `${head}beforeEach(() => { throw new Error("of another file"); }); describe("s", () => {});`,
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("counts, and names what was skipped", async () => {
    expect(await runBatch(folder, one, ["fine.test.ts"])).toEqual({
      ok: true,
      count: { passed: 1, failed: 0, skipped: 1 },
      skipped: ["later: no server"],
      failures: "",
    });
  });
  test("keeps the hooks of a file from others", async () => {
    const { ok } = await runBatch(folder, one, ["hooks.test.ts", "fine.test.ts"]);
    expect(ok).toBe(true);
  });
  test("shows what failed and nothing else", async () => {
    const { ok, count, failures } = await runBatch(folder, one, ["bad.test.ts", "fine.test.ts"]);
    expect({ ok, count }).toEqual({ ok: false, count: { passed: 1, failed: 1, skipped: 1 } });
    expect(failures).toContain("breaks");
    expect(failures).toContain("the reason");
    expect(failures).not.toContain("passes");
  });
  test("fails for a skip without a reason, a file without tests, one that does not load", async () => {
    expect((await runBatch(folder, one, ["mute.test.ts"])).failures).toContain("later");
    expect((await runBatch(folder, one, ["empty.test.ts"])).failures).toContain("empty.test.ts");
    const unloadable = await runBatch(folder, one, ["fine.test.ts", "unloadable.test.ts"]);
    expect(unloadable).toMatchObject({ ok: false, count: { failed: 1 } });
    expect(unloadable.failures).toContain("missing.ts");
  });
  test("is ended when no test ends, and says which it was", async () => {
    const { ok, failures } = await runBatch(folder, one, ["stuck.test.ts"], 2_000);
    expect(ok).toBe(false);
    expect(failures).toMatch(/no test ended for 2 s: hung .*stuck\.test\.ts/);
  });
}
