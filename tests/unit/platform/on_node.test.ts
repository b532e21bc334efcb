/** Tests of upstream HTTP, on Node too: the runner knows Bun and Deno only. */
import { spawn } from "node:child_process";
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { runtime, titled } from "../../support/runtimes.ts";

const FILES = [
  "broken_answers.test.ts",
  "early_abort.test.ts",
  "kept_connections.test.ts",
  "odd_responses.test.ts",
  "tls.test.ts",
  "upstream.test.ts",
];

const node = runtime("node");
const root = fileURLToPath(new URL("../../..", import.meta.url));

const otherwise = process.versions["deno"] !== undefined && runtime("bun").missing === undefined
  ? "runs once, with the tests on Bun"
  : node.missing;

test.skipIf(otherwise !== undefined)(titled("upstream HTTP on Node", otherwise), async () => {
  const files = FILES.map((file) => `tests/unit/platform/${file}`);
  const preload = ["--import", "./tests/support/node_tests.ts"];
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
}, 180_000);
