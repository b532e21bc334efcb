/** Compares a folder with what it should contain. Only files with our header are ours. */
import { Buffer } from "node:buffer";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { invalidRequest } from "../../src/core/errors.ts";
import { type GeneratedFile, HEADER_MARK } from "../emit/file.ts";

export type Change =
  | {
    readonly kind: "write";
    readonly path: string;
    readonly text: string;
    readonly exists: boolean;
  }
  | { readonly kind: "remove"; readonly path: string }
  /** Something not generated is in the way: a file, a folder, or a link to elsewhere. */
  | { readonly kind: "foreign"; readonly path: string };

export function hasGenerated(folder: string): boolean {
  return generatedNames(folder).length > 0;
}

export function compareFolder(folder: string, files: readonly GeneratedFile[]): Change[] {
  const changes: Change[] = [];
  for (const { name, text } of files) {
    const path = join(folder, name);
    const entry = lstatSync(path, { throwIfNoEntry: false });
    const before = entry?.isDirectory() !== true && existsSync(path)
      ? readFileSync(path, "utf8")
      : undefined;
    // Git may check out files with the machine's line endings.
    if (before === text || before?.replaceAll("\r\n", "\n") === text) continue;
    if (entry === undefined) changes.push({ kind: "write", path, text, exists: false });
    else if (entry.isFile() && before?.startsWith(HEADER_MARK) === true) {
      changes.push({ kind: "write", path, text, exists: true });
    } else changes.push({ kind: "foreign", path });
  }
  const wanted = new Set(files.map((file) => file.name));
  for (const name of generatedNames(folder)) {
    if (!wanted.has(name)) changes.push({ kind: "remove", path: join(folder, name) });
  }
  return changes;
}

/**
 * Everything is written beside its place before the first file is moved there, so that neither a full disk nor an
 * interruption leaves half a file, and two runs at once leave the files of one of them. Throws `generate.not_written`.
 */
export function apply(changes: readonly Change[]): void {
  const moves: { readonly from: string; readonly to: string }[] = [];
  let at = "";
  try {
    for (const change of changes) {
      if (change.kind !== "write") continue;
      const from = join(dirname(change.path), `.${basename(change.path)}.${process.pid}.tmp`);
      at = change.path;
      moves.push({ from, to: change.path });
      writeFileSync(from, change.text);
    }
    for (const { from, to } of moves) {
      at = to;
      renameSync(from, to);
    }
    for (const change of changes) {
      at = change.path;
      if (change.kind === "remove") rmSync(change.path, { force: true });
    }
  } catch (error) {
    for (const { from } of moves) if (isFile(from)) rmSync(from);
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidRequest("generate.not_written", `${at} cannot be written: ${reason}`, error);
  }
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function generatedNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".gen.ts"))
    .map((entry) => entry.name)
    .filter((name) => isOurs(join(folder, name)))
    .sort();
}

/** The header is read, not the file: one may have megabytes. */
function isOurs(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const start = Buffer.alloc(HEADER_MARK.length);
    return start.toString("utf8", 0, readSync(file, start)) === HEADER_MARK;
  } finally {
    closeSync(file);
  }
}
