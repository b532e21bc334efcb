/** Reads a command line against a command's declaration. Every mistake is a UsageError that says what would be right. */
import { didYouMean } from "../src/core/suggest.ts";
import { type Command, type CommandArgs, type CommandOption, UsageError } from "./command.ts";

export const HELP_OPTION: CommandOption = { kind: "flag", short: "h", help: "show this" };

type Given = Map<string, string[]>;

export function parseArgs(
  command: Pick<Command, "options" | "positionals">,
  argv: readonly string[],
  env: (name: string) => string | undefined,
): CommandArgs {
  const options: Readonly<Record<string, CommandOption>> = {
    ...command.options,
    help: HELP_OPTION,
  };
  const { given, positionals } = split(options, argv);
  const wantsHelp = given.has("help");
  for (const [name, option] of Object.entries(options)) {
    if (given.has(name) || option.env === undefined) continue;
    const value = env(option.env);
    if (value === undefined || value === "") continue;
    given.set(name, fromEnvironment(option, option.env, value));
  }
  for (const [name, values] of given) check(name, declared(options, name), values);
  if (!wantsHelp) checkPositionals(command.positionals ?? [], positionals);
  return accessors(options, given, positionals);
}

function split(
  options: Readonly<Record<string, CommandOption>>,
  argv: readonly string[],
): { given: Given; positionals: string[] } {
  const given: Given = new Map();
  const positionals: string[] = [];
  // Some versions of `bun run NAME -- --flag` pass the separator on: a leading one is ignored.
  let index = argv[0] === "--" ? 1 : 0;
  for (; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (argument === "--") {
      positionals.push(...argv.slice(index + 1));
      break;
    }
    if (!argument.startsWith("-") || argument === "-") {
      positionals.push(argument);
      continue;
    }
    const equals = argument.indexOf("=");
    const spelled = equals < 0 ? argument : argument.slice(0, equals);
    const name = resolve(options, spelled);
    const option = declared(options, name);
    let value = equals < 0 ? undefined : argument.slice(equals + 1);
    if (option.kind === "flag") {
      if (value !== undefined) throw new UsageError(`${spelled} takes no value, found "${value}".`);
      given.set(name, ["true"]);
      continue;
    }
    if (value === undefined) value = argv[++index];
    if (value === undefined) {
      throw new UsageError(`${spelled} needs a value: ${spelled} ${option.metavar ?? "VALUE"}.`);
    }
    const earlier = given.get(name);
    if (earlier !== undefined && option.kind !== "list") {
      throw new UsageError(
        `${spelled} was given twice ("${earlier[0]}" and "${value}"); give it once.`,
      );
    }
    given.set(name, [...(earlier ?? []), value]);
  }
  return { given, positionals };
}

/** The long name for `--name` or `-n`. */
function resolve(options: Readonly<Record<string, CommandOption>>, spelled: string): string {
  if (spelled.startsWith("--")) {
    const name = spelled.slice(2);
    if (Object.hasOwn(options, name)) return name;
    throw new UsageError(
      `unknown option ${spelled}.${didYouMean(name, Object.keys(options)).replace('"', '"--')}`,
    );
  }
  const letter = spelled.slice(1);
  for (const [name, option] of Object.entries(options)) {
    if (option.short === letter) return name;
  }
  throw new UsageError(`unknown option ${spelled}.`);
}

function declared(options: Readonly<Record<string, CommandOption>>, name: string): CommandOption {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined) throw new TypeError(`the command declares no option "${name}"`);
  return option;
}

function fromEnvironment(option: CommandOption, variable: string, value: string): string[] {
  if (option.kind === "list") {
    return value.split(",").map((item) => item.trim()).filter((item) => item !== "");
  }
  if (option.kind !== "flag") return [value];
  if (/^(1|true|yes|on)$/i.test(value)) return ["true"];
  if (/^(0|false|no|off)$/i.test(value)) return ["false"];
  throw new UsageError(`${variable} must be true or false, found "${value}".`);
}

function check(name: string, option: CommandOption, values: readonly string[]): void {
  for (const value of values) {
    if (option.kind === "number" && (value.trim() === "" || !Number.isFinite(Number(value)))) {
      throw new UsageError(`--${name} must be a number, found "${value}".`);
    }
    if (option.choices !== undefined && !option.choices.includes(value)) {
      const list = option.choices.join(", ");
      throw new UsageError(
        `--${name} must be one of ${list}; found "${value}".${didYouMean(value, option.choices)}`,
      );
    }
  }
}

function checkPositionals(
  wanted: NonNullable<Command["positionals"]>,
  found: readonly string[],
): void {
  const missing = wanted.find((positional, index) =>
    positional.required && found[index] === undefined
  );
  if (missing !== undefined) throw new UsageError(`${missing.name} is missing (${missing.help}).`);
  if (!wanted.at(-1)?.rest && found.length > wanted.length) {
    throw new UsageError(`unexpected argument "${found[wanted.length]}".`);
  }
}

function accessors(
  options: Readonly<Record<string, CommandOption>>,
  given: Given,
  positionals: readonly string[],
): CommandArgs {
  const values = (name: string): readonly string[] => {
    declared(options, name);
    return given.get(name) ?? [];
  };
  return {
    positionals,
    flag: (name) => values(name)[0] === "true",
    string: (name) => values(name)[0],
    number(name) {
      const value = values(name)[0];
      return value === undefined ? undefined : Number(value);
    },
    list: values,
    has: (name) => values(name).length > 0,
  };
}
