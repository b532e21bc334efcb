#!/usr/bin/env bun
/** `vastar`. */
import process from "node:process";
import { COMMANDS } from "./commands.ts";
import { processIo } from "./process_io.ts";
import { runCli } from "./run.ts";

process.exit(await runCli(COMMANDS, process.argv.slice(2), processIo()));
