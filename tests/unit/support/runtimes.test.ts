import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAtLeast, runtime, RUNTIMES } from "../../support/runtimes.ts";

test.each(
  [
    ["22.18.0", "22.18.0", true],
    ["22.17.9", "22.18.0", false],
    ["24.0.0", "22.18.0", true],
    ["1.4.5-canary.1", "1.4.5", true],
    ["1.10.0", "1.9.0", true],
  ] as const,
)("%s is at least %s: %s", (found, wanted, yes) => {
  expect(isAtLeast(found, wanted)).toBe(yes);
});

describe.each(RUNTIMES.map((name) => ({ name })))("$name", ({ name }) => {
  test("is found and runs TypeScript", () => {
    const found = runtime(name);
    expect(found.missing).toBeUndefined();
    const folder = mkdtempSync(join(tmpdir(), "vastar-runtimes-"));
    try {
      const file = join(folder, "a.ts");
      writeFileSync(file, `const answer: number = 6 * 7;\nconsole.log(answer);\n`);
      const result = spawnSync(found.path, found.script(file), { encoding: "utf8" });
      expect(result.stdout.trim()).toBe("42");
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);
});
