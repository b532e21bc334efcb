/**
 * Several test files in one isolate, for Deno and Node, which give each file on their command lines one of its own and
 * load everything that it imports again. Each file is a suite named like it, so that its hooks stay its own.
 */
import * as nodeTest from "node:test";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { collect } from "./bun_test.ts";

const files = JSON.parse(process.env["VASTAR_TEST_FILES"] ?? "[]") as readonly string[];
// One after the other: what a file registers while it is loaded is its own.
for (const file of files) {
  const url = pathToFileURL(join(process.cwd(), file)).href;
  let reason: unknown = new Error(`no tests in ${file}`);
  const registrations = await collect(() => import(url)).catch((error: unknown) => {
    reason = error;
    return [];
  });
  void nodeTest.describe(file, () => {
    for (const register of registrations) register();
    // Deno reports nothing of an error here.
    if (registrations.length === 0) void nodeTest.test("loads", () => Promise.reject(reason));
  });
}
