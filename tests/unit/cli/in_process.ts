/** Commands without a process of their own. */
import type { CommandIo } from "../../../cli/command.ts";
import { type CommandTable, runCli } from "../../../cli/run.ts";

export interface InProcess {
  readonly code: Promise<number>;
  stdout(): string;
  stderr(): string;
  /** Resolves with what stdout matched; rejects when the command ends first. */
  saw(pattern: RegExp): Promise<RegExpExecArray>;
  signal(): void;
}

export function runInProcess(
  commands: CommandTable,
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): InProcess {
  let [out, err] = ["", ""];
  const handlers = new Set<() => void>();
  let told = () => {};
  const io: CommandIo = {
    stdout(content) {
      out += typeof content === "string" ? content : new TextDecoder().decode(content);
      told();
    },
    stderr: (text) => void (err += text),
    env: (name) => env[name],
    cwd,
    interactive: false,
    onSignal(_name, handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
  const code = runCli(commands, argv, io);
  return {
    code,
    stdout: () => out,
    stderr: () => err,
    signal: () => [...handlers].slice(0, 1).forEach((handler) => handler()),
    saw: (pattern) =>
      new Promise((resolve, reject) => {
        told = () => {
          const found = pattern.exec(out);
          if (found !== null) resolve(found);
        };
        told();
        void code.then(() => reject(new Error(`ended without ${pattern}:\n${out}\n${err}`)));
      }),
  };
}
