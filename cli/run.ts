/** Finds the command, reads its arguments, runs it and turns whatever happens into an exit code. */
import { ConnectorError } from "../src/core/errors.ts";
import { didYouMean } from "../src/core/suggest.ts";
import { type Command, type CommandIo, type ExitCode, UsageError } from "./command.ts";
import { commandHelp, overview } from "./help.ts";
import { parseArgs } from "./parse.ts";
import { VERSION } from "./version.ts";

/**
 * Loads a command on demand, so that `vastar call` does not pay for the code generator. A name of two words,
 * such as `spec check`, is a command of a group.
 */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

export async function runCli(
  commands: CommandTable,
  argv: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  const [first] = argv;
  if (first === undefined || isHelp(first)) {
    return await showOverview(commands, "", first !== undefined, io);
  }
  if (first === "--version") {
    io.stdout(`vastar ${VERSION}\n`);
    return 0;
  }
  const found = find(commands, argv);
  if (found === undefined) return await refuse(commands, argv, io);
  const command = await found.load();
  try {
    const args = parseArgs(command, found.rest, io.env);
    if (args.flag("help")) {
      io.stdout(commandHelp(command) + seeAlso(commands, command.name));
      return 0;
    }
    return await command.run(args, io);
  } catch (error) {
    return report(command, error, io);
  }
}

interface Found {
  readonly load: () => Promise<Command>;
  readonly rest: readonly string[];
}

function find(commands: CommandTable, argv: readonly string[]): Found | undefined {
  const [first = "", second] = argv;
  const both = lookUp(commands, `${first} ${second}`);
  if (both !== undefined) return { load: both, rest: argv.slice(2) };
  // A plain word after a group's name is meant as one of its commands.
  if (isGroup(commands, first) && second !== undefined && !second.startsWith("-")) return undefined;
  const one = lookUp(commands, first);
  return one === undefined ? undefined : { load: one, rest: argv.slice(1) };
}

function lookUp(commands: CommandTable, name: string): (() => Promise<Command>) | undefined {
  return Object.hasOwn(commands, name) ? commands[name] : undefined;
}

function isGroup(commands: CommandTable, name: string): boolean {
  return Object.keys(commands).some((known) => known.startsWith(`${name} `));
}

/** The commands of a group that is itself a command. */
function seeAlso(commands: CommandTable, name: string): string {
  const others = Object.keys(commands).filter((known) => known.startsWith(`${name} `));
  return others.length === 0
    ? ""
    : `\nsee also: ${others.map((other) => `vastar ${other}`).join(", ")}\n`;
}

function isHelp(word: string | undefined): boolean {
  return word === "help" || word === "--help" || word === "-h";
}

/** Unknown command, or a group without a command. */
async function refuse(
  commands: CommandTable,
  [first = "", second]: readonly string[],
  io: CommandIo,
): Promise<ExitCode> {
  if (isGroup(commands, first)) {
    if (second === undefined || isHelp(second)) {
      return await showOverview(commands, first, second !== undefined, io);
    }
    const known = Object.keys(commands).filter((name) => name.startsWith(`${first} `));
    const meant = didYouMean(second, known.map((name) => name.slice(first.length + 1)));
    io.stderr(`vastar: unknown command "${first} ${second}".${meant}\n`);
    io.stderr(`Known commands: ${known.join(", ")}.\n`);
    return 2;
  }
  const known = [...new Set(Object.keys(commands).map((name) => name.split(" ")[0] ?? ""))];
  io.stderr(`vastar: unknown command "${first}".${didYouMean(first, known)}\n`);
  io.stderr(`Known commands: ${known.join(", ")}.\n`);
  return 2;
}

async function showOverview(
  commands: CommandTable,
  group: string,
  asked: boolean,
  io: CommandIo,
): Promise<ExitCode> {
  const names = Object.keys(commands).filter((name) =>
    group === "" || name.startsWith(`${group} `)
  );
  const shown = await Promise.all(names.map(async (name) => ({
    name,
    summary: (await lookUp(commands, name)?.())?.summary ?? "",
  })));
  (asked ? io.stdout : io.stderr)(overview(shown, group));
  return asked ? 0 : 2;
}

function report(command: Command, error: unknown, io: CommandIo): ExitCode {
  if (error instanceof UsageError) {
    io.stderr(`vastar ${command.name}: ${error.message}\n`);
    io.stderr(`vastar ${command.name} --help shows what is accepted.\n`);
    return 2;
  }
  if (error instanceof ConnectorError) {
    io.stderr(`vastar ${command.name}: ${error.message} (${error.code})\n`);
    return 1;
  }
  // A full disk or a read-only folder is not a bug in the program.
  if (error instanceof Error && "syscall" in error) {
    io.stderr(`vastar ${command.name}: ${error.message}\n`);
    return 1;
  }
  const text = error instanceof Error ? error.stack ?? error.message : String(error);
  io.stderr(`vastar ${command.name}: unexpected failure\n${text}\n`);
  return 1;
}
