/** The options of a background runtime: passed to it, remembered and compared. */
import { resolve } from "node:path";
import type { CommandArgs, CommandIo } from "../../command.ts";
import { RUNTIME_OPTIONS } from "../runtime.ts";
import type { RuntimeState } from "./state.ts";

type Options = RuntimeState["options"];

/** The options given by flag or variable. `listen` holds the resulting addresses. Secrets are not among them. */
export function optionsOf(args: CommandArgs, io: CommandIo, listen: readonly string[]): Options {
  const names = Object.keys(RUNTIME_OPTIONS).filter((name) =>
    // From the environment, where it may hold a password, the runtime reads it by itself.
    args.has(name) && (name !== "join" || args.string(name) !== io.env("VASTAR_JOIN"))
  );
  const given = names.map((name) => {
    const values = args.list(name);
    // Absolute, so that it means the same file wherever the next command is run.
    return [
      name,
      name === "config" ? values.map((file) => resolve(io.cwd, file)) : values,
    ] as const;
  });
  return { ...Object.fromEntries(given), listen };
}

export function flagsOf(options: Options): string[] {
  return Object.entries(options).flatMap(([name, values]) =>
    values.flatMap((value) => [`--${name}`, value])
  );
}

/** A line for each option that differs. */
export function differences(running: Options, given: Options): string[] {
  return [...new Set([...Object.keys(running), ...Object.keys(given)])].flatMap((name) => {
    const [there, here] = [shown(running[name]), shown(given[name])];
    return there === here ? [] : [`--${name}: it runs with ${there}; given: ${here}`];
  });
}

function shown(values: readonly string[] | undefined): string {
  return values === undefined || values.length === 0 ? "none" : values.toSorted().join(", ");
}
