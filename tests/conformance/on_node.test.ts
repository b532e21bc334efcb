/** The table through a pool, on Node too: the runner knows Bun and Deno only. */
import { spawn } from "node:child_process";
import process from "node:process";
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { natsMissing } from "../support/nats.ts";
import { runtime, titled } from "../support/runtimes.ts";

const node = runtime("node");
const root = fileURLToPath(new URL("../..", import.meta.url));
const otherwise = process.versions["deno"] !== undefined && runtime("bun").missing === undefined
  ? "runs once, with the tests on Bun"
  : node.missing ?? natsMissing;

test.skipIf(otherwise !== undefined)(
  titled("every behaviour through nats: on Node", otherwise),
  async () => {
    const child = spawn(node.path, [
      ...["--import", "./tests/support/runner/node_tests.ts", "--test"],
      ...["--test-name-pattern=^nats:", "tests/conformance/conformance.test.ts"],
    ], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    child.stderr.on("data", (bytes: Uint8Array) => output += new TextDecoder().decode(bytes));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect(code === 0 ? "" : output).toBe("");
    expect(output).toMatch(/pass [5-9]\d/);
  },
  120_000,
);
