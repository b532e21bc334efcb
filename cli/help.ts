/** The text of `vastar --help` and `vastar NAME --help`. */
import type { Command, CommandOption } from "./command.ts";
import { HELP_OPTION } from "./parse.ts";

export function commandHelp(command: Command): string {
  const positionals = (command.positionals ?? []).map((one) => {
    const name = one.rest ? `${one.name}…` : one.name;
    return one.required ? name : `[${name}]`;
  });
  const lines = [
    `vastar ${command.name}: ${command.summary}`,
    "",
    `usage: ${["vastar", command.name, "[options]", ...positionals].join(" ")}`,
  ];
  if (command.positionals?.length) {
    lines.push("", ...table(command.positionals.map((one) => [one.name, one.help])));
  }
  const options = { ...command.options, help: HELP_OPTION };
  lines.push("", "options:", ...table(Object.entries(options).map(row)));
  if (command.examples?.length) {
    lines.push(
      "",
      "examples:",
      ...command.examples.map((one) => `  vastar ${command.name} ${one}`),
    );
  }
  return lines.join("\n") + "\n";
}

/** `group` is the first word that they share, if any: `spec`. */
export function overview(
  commands: readonly Pick<Command, "name" | "summary">[],
  group = "",
): string {
  return [
    `usage: vastar ${group === "" ? "" : `${group} `}COMMAND [options]`,
    "",
    "commands:",
    ...table(commands.map((one) => [one.name, one.summary])),
    "",
    "vastar COMMAND --help shows the options of one command.",
    "",
  ].join("\n");
}

function row([name, option]: [string, CommandOption]): [string, string] {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = option.kind === "flag" ? "" : ` ${option.metavar ?? "VALUE"}`;
  const notes = [
    option.choices === undefined ? "" : `one of ${option.choices.join(", ")}`,
    option.kind === "list" ? "repeatable" : "",
    option.env ?? "",
  ].filter((note) => note !== "");
  const suffix = notes.length === 0 ? "" : ` [${notes.join("; ")}]`;
  return [`${short}--${name}${value}`, option.help + suffix];
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
