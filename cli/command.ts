/** A command of `vastar`. One file per command; cli/main.ts lists them. */

/** How an option is read. A `flag` takes no value; a `list` may be repeated. */
export type OptionKind = "flag" | "string" | "number" | "list";

export interface CommandOption {
  readonly kind: OptionKind;
  /** One line for `--help`; says the unit and the default in words where they are not obvious. */
  readonly help: string;
  /** Placeholder of the value in `--help`: `--listen ADDRESS`. Default: `VALUE`. */
  readonly metavar?: string;
  /** One letter: `-p`. */
  readonly short?: string;
  /** Environment variable used if the option is absent; a list is split at commas. */
  readonly env?: string;
  /** The only accepted values. */
  readonly choices?: readonly string[];
}

export interface CommandPositional {
  /** As `--help` shows it: `DIR`. */
  readonly name: string;
  readonly help: string;
  /** Default: false. */
  readonly required?: boolean;
  /** Takes all remaining arguments; only for the last one. Default: false. */
  readonly rest?: boolean;
}

/** The given values, checked against the declaration. Reading an undeclared option is a programming error. */
export interface CommandArgs {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  string(name: string): string | undefined;
  number(name: string): number | undefined;
  list(name: string): readonly string[];
  /** True if it came from the command line or the environment. */
  has(name: string): boolean;
}

/** The process as a command sees it, so that tests can run commands in their own process. */
export interface CommandIo {
  /** Writes text or bytes as they are; the command adds newlines. */
  stdout(content: string | Uint8Array): void;
  stderr(text: string): void;
  /** True once nobody reads stdout any more (`vastar … | head`). Absent: always read. */
  stdoutClosed?(): boolean;
  env(name: string): string | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** True if stderr is a terminal that should get colours and progress. */
  readonly interactive: boolean;
  /** Calls back on each signal until the returned function is called. Signals with a handler do not end the process. */
  onSignal(name: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGUSR2", handler: () => void): () => void;
}

/** 0: done. 1: the work failed. 2: the command line is wrong. */
export type ExitCode = number;

export interface Command {
  readonly name: string;
  /** One line, no full stop. */
  readonly summary: string;
  /** Long names without leading dashes, never camelCase: `max-calls`. `help` is added automatically. */
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly positionals?: readonly CommandPositional[];
  /** Command lines shown under `--help`, without the leading `vastar NAME`. */
  readonly examples?: readonly string[];
  /**
   * Rejecting with a ConnectorError prints its message and exits with 1 (2 for a {@link UsageError});
   * anything else is printed with its stack.
   */
  run(args: CommandArgs, io: CommandIo): Promise<ExitCode>;
}

/** The command line is wrong: the message is printed with a pointer to `--help`, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
