/** Tests of upstream HTTP, of databases and of official clients, on Node too: the runner knows Bun and Deno only. */
import { spawn } from "node:child_process";
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { runtime, titled } from "../../support/runtimes.ts";

const FILES = [
  "../conformance/databases/databases.test.ts",
  "../e2e/sdks/official_rest_sdks.test.ts",
  "../e2e/sdks/official_sdks.test.ts",
  "http1/rfc9112.test.ts",
  "platform/broken_answers.test.ts",
  "platform/databases/hostile.test.ts",
  "platform/databases/tls.test.ts",
  "platform/early_abort.test.ts",
  "platform/fairness.test.ts",
  "platform/kept_connections.test.ts",
  "platform/odd_responses.test.ts",
  "platform/tls.test.ts",
  "platform/upstream.test.ts",
];

const node = runtime("node");
const root = fileURLToPath(new URL("../../..", import.meta.url));

const otherwise = process.versions["deno"] !== undefined && runtime("bun").missing === undefined
  ? "runs once, with the tests on Bun"
  : node.missing;

test.skipIf(otherwise !== undefined)(
  titled("upstream HTTP, databases and official clients on Node", otherwise),
  async () => {
    const files = FILES.map((file) => `tests/unit/${file}`);
    const preload = ["--import", "./tests/support/runner/node_tests.ts"];
    const child = spawn(node.path, [...preload, "--test", ...files], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code === 0 ? "" : output).toBe("");
    expect(output).toMatch(/pass [1-9]/);
  },
  180_000,
);
