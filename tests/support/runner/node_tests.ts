/** Preloaded by Node, so that the test files that Bun and Deno run are run there, too. */
import { registerHooks } from "node:module";

const tests = new URL("./bun_test.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "bun:test" ? { url: tests, shortCircuit: true } : next(specifier, context),
});
