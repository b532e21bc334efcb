/** Implements `vastar spec migrate`. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { migrateSpec } from "../../codegen/migrate/mod.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import type { CommandArgs, CommandIo, ExitCode } from "../command.ts";
import { findSpecs } from "./files.ts";

export function migrateSpecs(args: CommandArgs, io: CommandIo): ExitCode {
  // All are read before any is written: one that cannot be migrated stops them all.
  const moved = findSpecs(args.positionals, io.cwd).map((path) => ({
    path,
    ...migrateSpec(path, read(resolve(io.cwd, path), path)),
  }));
  const outdated = moved.filter(({ from, to }) => from < to);
  for (const { path, from, to, text, taken } of moved) {
    if (from === to) io.stdout(`${path} is in format ${to}, the current one: nothing to do\n`);
    else if (args.flag("check")) {
      io.stdout(`${path} is in format ${from}; the current one is ${to}\n`);
    } else {
      writeFileSync(resolve(io.cwd, path), text);
      io.stdout(`${path}: format ${from} → ${to} (${taken.join("; ")})\n`);
    }
  }
  return args.flag("check") && outdated.length > 0 ? 1 : 0;
}

function read(full: string, path: string): string {
  try {
    return readFileSync(full, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidRequest("spec.not_readable", `${path} cannot be read: ${why}`, error);
  }
}
