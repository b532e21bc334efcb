import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binaryPackage } from "../../../tools/fetch_runtime.ts";
import { isAtLeast, runtime, RUNTIMES, titled } from "../../support/runtimes.ts";

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
  const found = runtime(name);
  test.skipIf(found.missing !== undefined)(
    titled("is found and runs TypeScript", found.missing),
    () => {
      const folder = mkdtempSync(join(tmpdir(), "vastar-runtimes-"));
      try {
        const file = join(folder, "a.ts");
        writeFileSync(file, `const answer: number = 6 * 7;\nconsole.log(answer);\n`);
        const result = spawnSync(found.path, found.script(file), { encoding: "utf8" });
        expect(result.stdout.trim()).toBe("42");
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    60_000,
  );
});

test("the packages that hold the binaries, by machine", () => {
  const linux = { platform: "linux", arch: "x64", musl: false };
  expect(binaryPackage("bun", linux)).toEqual({ name: "@oven/bun-linux-x64", file: "bin/bun" });
  expect(binaryPackage("bun", { platform: "linux", arch: "arm64", musl: true }).name).toBe(
    "@oven/bun-linux-aarch64-musl",
  );
  expect(binaryPackage("bun", { platform: "win32", arch: "x64", musl: false })).toEqual({
    name: "@oven/bun-windows-x64",
    file: "bin/bun.exe",
  });
  expect(binaryPackage("deno", linux)).toEqual({ name: "@deno/linux-x64-glibc", file: "deno" });
  expect(binaryPackage("deno", { platform: "darwin", arch: "arm64", musl: false })).toEqual({
    name: "@deno/darwin-arm64",
    file: "deno",
  });
});
