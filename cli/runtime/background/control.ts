/** `vastar runtime start | restart | reload | stop | clean | status | logs`: a background daemon on this machine. */
import type { Command, CommandPositional } from "../../command.ts";
import { RUNTIME_OPTIONS } from "../runtime.ts";

const ADDRESS: CommandPositional = {
  name: "ADDRESS",
  help: "unix:PATH or tcp://HOST:PORT of the runtime (default: where clients look)",
};

export const runtimeStartCommand: Command = {
  name: "runtime start",
  summary: "start a runtime in the background and wait until it answers",
  options: {
    ...RUNTIME_OPTIONS,
    wait: {
      kind: "number",
      metavar: "SECONDS",
      help: "how long it may take to answer (default: 15)",
    },
    log: {
      kind: "string",
      metavar: "FILE",
      help: "file to append its log to (default: a file in ~/.local/state/vastar)",
    },
  },
  examples: ["", "--allow 127.0.0.1:4545", "--listen tcp://127.0.0.1:5000 --config runtime.yaml"],
  async run(args, io) {
    const { startRuntime } = await import("./start.ts");
    return await startRuntime(args, io);
  },
};

const FORCE = { kind: "flag", help: "kill it when that time has passed" } as const;
const { wait: _, ...startOptions } = runtimeStartCommand.options;

export const runtimeRestartCommand: Command = {
  name: "runtime restart",
  summary: "replace the background runtime without a pause, with the same or changed options",
  options: {
    ...startOptions,
    wait: {
      kind: "number",
      metavar: "SECONDS",
      help: "how long the clients of the old runtime may take to leave (default: 35)",
    },
    force: FORCE,
  },
  positionals: [ADDRESS],
  examples: ["", "--allow 127.0.0.1:4545", "tcp://127.0.0.1:5000 --wait 5 --force"],
  async run(args, io) {
    const { restartRuntime } = await import("./restart.ts");
    return await restartRuntime(args, io, runtimeStartCommand);
  },
};

export const runtimeReloadCommand: Command = {
  name: "runtime reload",
  summary: "make the background runtime read its configuration again",
  options: {
    wait: {
      kind: "number",
      metavar: "SECONDS",
      help: "how long it may take to report the result (default: 10)",
    },
  },
  positionals: [ADDRESS],
  examples: ["", "tcp://127.0.0.1:5000"],
  async run(args, io) {
    const { reloadRuntime } = await import("./reload.ts");
    return await reloadRuntime(args, io);
  },
};

export const runtimeStopCommand: Command = {
  name: "runtime stop",
  summary: "let the background runtime finish its calls and exit",
  options: {
    wait: {
      kind: "number",
      metavar: "SECONDS",
      help: "how long open calls may take (default: 35)",
    },
    force: FORCE,
  },
  positionals: [ADDRESS],
  examples: ["", "tcp://127.0.0.1:5000 --wait 5 --force"],
  async run(args, io) {
    const { stopRuntime } = await import("./stop.ts");
    return await stopRuntime(args, io);
  },
};

export const runtimeCleanCommand: Command = {
  name: "runtime clean",
  summary: "stop the background runtime and remove its socket, state and log",
  options: runtimeStopCommand.options ?? {},
  positionals: [ADDRESS],
  examples: ["", "tcp://127.0.0.1:5000 --wait 5 --force"],
  async run(args, io) {
    const { cleanRuntime } = await import("./clean.ts");
    return await cleanRuntime(args, io);
  },
};

export const runtimeStatusCommand: Command = {
  name: "runtime status",
  summary: "show whether a runtime answers, and what it is doing",
  options: {
    json: { kind: "flag", help: "as JSON" },
    pool: {
      kind: "flag",
      help: "the members of the pool at ADDRESS (default: of VASTAR_RUNTIME or VASTAR_JOIN)",
    },
    live: { kind: "flag", help: "refresh until Ctrl-C, and show rates" },
    interval: {
      kind: "number",
      metavar: "SECONDS",
      help: "between refreshes with --live (default: 1)",
    },
    admin: {
      kind: "string",
      metavar: "ADDRESS",
      env: "VASTAR_ADMIN",
      help:
        "its admin listener, for more than its health (default: that of the background runtime)",
    },
  },
  positionals: [ADDRESS],
  examples: [
    "",
    "tcp://127.0.0.1:5000 --json",
    "--live --admin tcp://127.0.0.1:5001",
    "--pool nats://127.0.0.1:4222/pool",
  ],
  async run(args, io) {
    const { showStatus } = await import("./status.ts");
    return await showStatus(args, io);
  },
};

/** The same under a shorter name. */
export const statusCommand: Command = { ...runtimeStatusCommand, name: "status" };

export const runtimeLogsCommand: Command = {
  name: "runtime logs",
  summary: "print the log of the background runtime",
  options: {
    lines: {
      kind: "number",
      short: "n",
      metavar: "COUNT",
      help: "how many of the last lines (default: 100)",
    },
    follow: { kind: "flag", short: "f", help: "keep printing what is logged from now on" },
  },
  positionals: [ADDRESS],
  examples: ["", "--follow"],
  async run(args, io) {
    const { showLogs } = await import("./logs.ts");
    return await showLogs(args, io);
  },
};
