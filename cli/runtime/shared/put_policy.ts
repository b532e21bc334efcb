/** Implements `vastar runtime policy`. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConnectorError, ErrorClass, invalidRequest } from "../../../src/core/errors.ts";
import { type CommandArgs, type CommandIo, type ExitCode, UsageError } from "../../command.ts";
import { readSettings } from "../settings.ts";
import { openStore } from "./open_sharing.ts";

const TRIES = 5;
const MOST_BYTES = 512 * 1024;

export async function putPolicy(args: CommandArgs, io: CommandIo): Promise<ExitCode> {
  const file = args.positionals[0];
  const policy = file === undefined ? undefined : await read(resolve(io.cwd, file), file);
  // Checked with the file of a runtime, below which it will stand.
  const { shared } = await readSettings(fileOnly(args), io, policy);
  if (shared === undefined) {
    throw new UsageError("--config must name the file of a runtime that has `shared`.");
  }
  const store = await openStore(shared);
  try {
    if (policy === undefined) {
      const entry = await store.get("ever", "policy");
      if (entry === undefined) io.stderr("There is no policy of all.\n");
      else io.stdout(entry.value);
      return entry === undefined ? 1 : 0;
    }
    for (let tried = 0; tried < TRIES; tried++) {
      const entry = await store.get("ever", "policy");
      if (await store.put("ever", "policy", policy, entry?.revision) === undefined) continue;
      io.stdout("All runtimes with `shared.policy` and this store read it now.\n");
      return 0;
    }
    throw new ConnectorError({
      errorClass: ErrorClass.Transient,
      code: "shared.unreachable",
      message: "somebody else changes the policy at the same time: try again",
    });
  } finally {
    await store.close();
  }
}

/** The file alone: what else a runtime is started with is not known here. */
function fileOnly(args: CommandArgs): CommandArgs {
  const has = (name: string): boolean => name === "config" && args.has(name);
  return {
    positionals: [],
    has,
    string: (name) => has(name) ? args.string(name) : undefined,
    number: () => undefined,
    flag: () => false,
    list: () => [],
  };
}

async function read(path: string, shown: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidRequest("config.not_readable", `the policy ${shown} cannot be read: ${reason}`);
  }
  if (text.length <= MOST_BYTES) return text;
  throw invalidRequest("config.invalid", `the policy ${shown} is larger than ${MOST_BYTES} bytes`);
}
