/** Implements `vastar runtime logs`. */
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { deferred } from "../../../src/core/deferred.ts";
import { invalidRequest } from "../../../src/core/errors.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { addressOf, readState, statePath } from "./state.ts";

const LINES = 100;
const POLL_MS = 200;
/** More than any terminal holds. */
const MAX_TAIL_BYTES = 4 * 1024 * 1024;

export async function showLogs(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const count = args.number("lines") ?? LINES;
  if (!Number.isInteger(count) || count < 0) {
    throw new UsageError(`--lines must be a whole number, 0 or more; found ${count}.`);
  }
  const address = addressOf(args, io);
  const log = readState(address, io.env)?.log ?? `${statePath(address, io.env)}.log`;
  if (!existsSync(log)) {
    throw invalidRequest(
      "logs.none",
      `There is no log of a runtime on ${address}: only a runtime that \`vastar runtime start\` started has one.`,
    );
  }
  let offset = statSync(log).size;
  io.stdout(lastLines(read(log, Math.max(0, offset - MAX_TAIL_BYTES), offset), count));
  if (!args.flag("follow")) return 0;
  const stopped = deferred<void>();
  const off = [io.onSignal("SIGINT", stopped.resolve), io.onSignal("SIGTERM", stopped.resolve)];
  const timer = setInterval(() => {
    const size = statSync(log, { throwIfNoEntry: false })?.size ?? 0;
    // Smaller than before: a new file has taken its place.
    if (size < offset) offset = 0;
    if (size > offset) io.stdout(read(log, offset, size));
    offset = size;
  }, POLL_MS);
  await stopped.promise;
  clearInterval(timer);
  for (const undo of off) undo();
  return 0;
}

function read(path: string, from: number, to: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(to - from);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

function lastLines(bytes: Uint8Array, count: number): Uint8Array {
  const NEWLINE = 10;
  let start = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
  for (let left = count; left > 0 && start > 0; left--) {
    start = bytes.lastIndexOf(NEWLINE, start - 1);
    if (start < 0) return bytes;
  }
  return bytes.subarray(count === 0 ? bytes.length : start + 1);
}
