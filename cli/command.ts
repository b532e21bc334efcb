/** What a command of `vastar` is. One file a command; cli/main.ts lists them. */

/** How an option is read. A `flag` takes no value; a `list` may be repeated. */
export type OptionKind = "flag" | "string" | "number" | "list";

export interface CommandOption {
  readonly kind: OptionKind;
  /** One line for `--help`; says the unit and the default in words where they are not obvious. */
  readonly help: string;
  /** What stands for the value in `--help`: `--listen ADDRESS`. Default: `VALUE`. */
  readonly metavar?: string;
  /** One letter: `-p`. */
  readonly short?: string;
  /** Environment variable that gives the value when the option is absent; a list is split at commas. */
  readonly env?: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
}

export interface CommandPositional {
  /** As `--help` shows it: `DIR`. */
  readonly name: string;
  readonly help: string;
  /** Default: false. */
  readonly required?: boolean;
  /** Takes all that is left; only for the last one. Default: false. */
  readonly rest?: boolean;
}

/** What was given, already checked against the declaration. Asking for an undeclared option is a programming error. */
export interface CommandArgs {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  string(name: string): string | undefined;
  number(name: string): number | undefined;
  list(name: string): readonly string[];
  /** True when it came from the command line or the environment. */
  has(name: string): boolean;
}

/** The process as a command sees it, so that tests run commands without one. */
export interface CommandIo {
  /** Writes text or bytes as they are; the command adds its newlines. */
  stdout(content: string | Uint8Array): void;
  stderr(text: string): void;
  /** True once nobody reads stdout any more (`vastar … | head`). Absent: somebody always does. */
  stdoutClosed?(): boolean;
  env(name: string): string | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** True when stderr is a terminal that wants colours and progress. */
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
  /** Long names without dashes, camelCase never: `max-calls`. `help` is added by itself. */
  readonly options: Readonly<Record<string, CommandOption>>;
  readonly positionals?: readonly CommandPositional[];
  /** Command lines shown under `--help`, without the leading `vastar NAME`. */
  readonly examples?: readonly string[];
  /**
   * Rejecting with a ConnectorError prints its message and gives exit code 1 (2 when it is a {@link UsageError});
   * anything else is printed with its stack.
   */
  run(args: CommandArgs, io: CommandIo): Promise<ExitCode>;
}

/** The command line is wrong: the message is printed with a pointer to `--help`, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
