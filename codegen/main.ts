#!/usr/bin/env bun
/** `bun run generate [-- --check] [-- --watch] [-- PATH…]`: `vastar generate`, without loading the other commands. */
import process from "node:process";
import { generateCommand } from "../src/cli/generate.ts";
import { processIo } from "../src/cli/process_io.ts";
import { runCli } from "../src/cli/run.ts";

const table = { generate: () => Promise.resolve(generateCommand) };
process.exit(await runCli(table, ["generate", ...process.argv.slice(2)], processIo()));
