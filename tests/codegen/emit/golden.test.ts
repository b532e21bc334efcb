/**
 * One small spec per feature in tests/codegen/golden, with its generated code. After an intended change of the
 * generator: `bun run generate tests/codegen/golden`, and read the diff.
 */
import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "../../../codegen/mod.ts";
import { runtime, titled } from "../../support/runtimes.ts";
import { OWN_SHARE } from "../../support/share.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const GOLDEN = join(ROOT, "tests/codegen/golden");

describe("what is generated", () => {
  for (const feature of readdirSync(GOLDEN)) {
    test(feature, () => {
      const result = generate({ paths: [join(GOLDEN, feature)], check: true });
      expect(result.diagnostics.filter((one) => one.severity === "error")).toEqual([]);
      expect(result.changes).toEqual([]);
      expect(result.ok).toBe(true);
    });
  }
});

describe("is the same, byte for byte, on", () => {
  for (const name of OWN_SHARE) {
    const found = runtime(name);
    test.skipIf(found.missing !== undefined)(titled(name, found.missing), () => {
      const run = spawnSync(
        found.path,
        found.script("cli/main.ts", "generate", "tests/codegen/golden", "--check"),
        {
          cwd: ROOT,
          encoding: "utf8",
          // The machine's language and time zone must not matter.
          env: {
            ...process.env,
            LANG: "tr_TR.UTF-8",
            LC_ALL: "tr_TR.UTF-8",
            TZ: "Pacific/Kiritimati",
          },
        },
      );
      expect(run.stderr + run.stdout).toContain("up to date");
      expect(run.status).toBe(0);
    }, 60_000);
  }
});
