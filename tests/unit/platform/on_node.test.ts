/** Tests of upstream HTTP, of databases and of official clients, on Node too: the runner knows Bun and Deno only. */
import { spawn } from "node:child_process";
import { describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { runtime, titled } from "../../support/runtimes.ts";

/** Each list in a process of its own. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "upstream HTTP, databases and official clients": [
    "conformance/databases/databases",
    "e2e/sdks/official_rest_sdks",
    "e2e/sdks/official_sdks",
    "unit/http1/rfc9112",
    "unit/platform/broken_answers",
    "unit/platform/databases/hostile",
    "unit/platform/databases/tls",
    "unit/platform/early_abort",
    "unit/platform/kept_connections",
    "unit/platform/tls",
    "unit/platform/upstream",
  ],
  "the memory that a flood takes": ["unit/platform/fairness"],
  "the memory that a body takes that is refused": ["unit/platform/odd_responses"],
};

const node = runtime("node");
const root = fileURLToPath(new URL("../../..", import.meta.url));

const otherwise = process.versions["deno"] !== undefined && runtime("bun").missing === undefined
  ? "runs once, with the tests on Bun"
  : node.missing;

describe.skipIf(otherwise !== undefined)(titled("on Node", otherwise), () => {
  test.each(Object.entries(FILES))("%s", async (_, list) => {
    const files = list.map((file) => `tests/${file}.test.ts`);
    const args = ["--import", "./tests/support/runner/node_tests.ts", "--test"];
    const child = spawn(node.path, [...args, "tests/support/runner/batch.ts"], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, VASTAR_TEST_FILES: JSON.stringify(files) },
    });
    let output = "";
    child.stdout.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code === 0 ? "" : output).toBe("");
    expect(output).toMatch(/pass [1-9]/);
  }, 180_000);
});
