/** Implements `vastar spec drift`. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { stringify } from "yaml";
import { invalidRequest } from "../../src/core/errors.ts";
import {
  type Drift,
  findDrift,
  parseRecording,
  proposeOverlay,
  type Recording,
} from "../../src/recording/mod.ts";
import { findConnector } from "../call/target.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../command.ts";

export async function driftOf(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const [name = "", ...files] = args.positionals;
  if (files.length === 0) throw new UsageError("Give at least one recording.");
  const definition = await findConnector(name, { cwd: io.cwd, folder: undefined });
  const recordings = files.map((file) => readRecording(resolve(io.cwd, file), definition.id));
  const drift = await findDrift(definition, recordings);
  const count = recordings.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  io.stdout(
    args.string("format") === "json"
      ? `${JSON.stringify({ connector: definition.id, exchanges: count, drift })}\n`
      : describe(drift, definition.id, count),
  );
  const overlay = args.string("overlay");
  if (overlay !== undefined) {
    const text = stringify(proposeOverlay(drift), { lineWidth: 0 });
    if (overlay === "-") io.stdout(text);
    else writeFileSync(resolve(io.cwd, overlay), text);
  }
  return drift.length === 0 ? 0 : 1;
}

function readRecording(file: string, id: string): Recording {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw invalidRequest("recording.unreadable", `Cannot read the recording ${file}.`, error);
  }
  const recording = parseRecording(text);
  if (recording.connector === id) return recording;
  throw invalidRequest(
    "recording.connector",
    `${file} is a recording of ${recording.connector}, not of ${id}.`,
  );
}

function describe(drift: readonly Drift[], id: string, exchanges: number): string {
  const within = `${exchanges} ${exchanges === 1 ? "exchange" : "exchanges"}`;
  if (drift.length === 0) return `${within} of ${id}: as the spec says.\n`;
  const lines = drift.map(({ kind, operation, place, declared, found, times }) =>
    `${operation}: ${kind} at ${place}\n  spec: ${declared}\n  API:  ${found}  (${times}×)\n`
  );
  const count = `${drift.length} ${drift.length === 1 ? "difference" : "differences"}`;
  return `${lines.join("")}\n${count} in ${within} of ${id}.\n`;
}
