/** Reads the secrets that the configuration names. Their values never appear in messages. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { SecretConfig } from "../../src/config/mod.ts";
import { invalidRequest } from "../../src/core/errors.ts";
import type { CommandIo } from "../command.ts";
import type { Mistakes } from "./mistakes.ts";

const COMMAND_MS = 10_000;
const MOST_BYTES = 64 * 1024;
/** Shorter secrets look like ordinary words and could not be removed from logs and errors. */
const LEAST_CHARACTERS = 6;

/** By name. One that cannot be read is kept as a mistake. */
export async function readSecrets(
  secrets: Readonly<Record<string, SecretConfig>>,
  io: CommandIo,
  mistakes: Mistakes,
): Promise<ReadonlyMap<string, string>> {
  const found = await Promise.all(
    Object.entries(secrets).map(async ([name, source]) =>
      [name, await mistakes.wait(readSecret(name, source, io))] as const
    ),
  );
  return new Map(found.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]));
}

async function readSecret(
  name: string,
  { env, file, command }: SecretConfig,
  io: CommandIo,
): Promise<string> {
  let text: string | undefined;
  let where = `the environment variable ${env}`;
  if (env !== undefined) {
    text = io.env(env);
    if (text === undefined) throw mistake(name, `${where} is not set`);
  } else if (file !== undefined) {
    where = `the file ${file}`;
    text = await readFile(resolve(io.cwd, file), "utf8").catch((error: unknown) => {
      throw mistake(name, `${where} cannot be read: ${codeOf(error)}`);
    });
  } else {
    where = `what ${command?.[0]} printed`;
    text = await output(name, command ?? [], io);
  }
  // Editors and `echo` add a newline.
  const secret = text.replace(/\r?\n$/, "");
  if (secret.length >= LEAST_CHARACTERS) return secret;
  throw mistake(
    name,
    `${where} has ${secret.length} characters; at least ${LEAST_CHARACTERS} are needed, ` +
      "so that it can be kept out of logs",
  );
}

function output(name: string, command: readonly string[], io: CommandIo): Promise<string> {
  const [program = "", ...args] = command;
  return new Promise((done, failed) => {
    // Without a shell: exactly the configured command is run.
    execFile(program, args, {
      cwd: io.cwd,
      timeout: COMMAND_MS,
      maxBuffer: MOST_BYTES,
      encoding: "utf8",
    }, (error, stdout) => {
      if (error === null) done(stdout);
      // Its message would repeat the arguments and output.
      else failed(mistake(name, `${program} failed: ${error.killed ? "timeout" : codeOf(error)}`));
    });
  });
}

function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "number" ? `exit code ${code}` : String(code ?? "no reason is known");
}

function mistake(name: string, why: string): Error {
  return invalidRequest("config.secret", `the secret ${name} is not available: ${why}`);
}
