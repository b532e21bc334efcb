/** The commands of `vastar`. A new command is a file beside this one and a line here. */
import type { CommandTable } from "./run.ts";

export const COMMANDS: CommandTable = {
  call: async () => (await import("./call/call.ts")).callCommand,
  generate: async () => (await import("./spec/generate.ts")).generateCommand,
  "import openapi": async () => (await import("./spec/import.ts")).importOpenApiCommand,
  init: async () => (await import("./spec/init.ts")).initCommand,
  "keys create": async () => (await import("./keys/keys.ts")).keysCreateCommand,
  "keys list": async () => (await import("./keys/keys.ts")).keysListCommand,
  "keys revoke": async () => (await import("./keys/keys.ts")).keysRevokeCommand,
  mcp: async () => (await import("./mcp/mcp.ts")).mcpCommand,
  record: async () => (await import("./serve/record.ts")).recordCommand,
  login: async () => (await import("./login/login.ts")).loginCommand,
  runtime: async () => (await import("./runtime/runtime.ts")).runtimeCommand,
  "runtime clean": async () =>
    (await import("./runtime/background/control.ts")).runtimeCleanCommand,
  "runtime logs": async () => (await import("./runtime/background/control.ts")).runtimeLogsCommand,
  "runtime policy": async () => (await import("./runtime/runtime.ts")).runtimePolicyCommand,
  "runtime reload": async () =>
    (await import("./runtime/background/control.ts")).runtimeReloadCommand,
  "runtime restart": async () =>
    (await import("./runtime/background/control.ts")).runtimeRestartCommand,
  "runtime start": async () =>
    (await import("./runtime/background/control.ts")).runtimeStartCommand,
  "runtime status": async () =>
    (await import("./runtime/background/control.ts")).runtimeStatusCommand,
  "runtime stop": async () => (await import("./runtime/background/control.ts")).runtimeStopCommand,
  simulator: async () => (await import("./serve/simulator.ts")).simulatorCommand,
  "spec check": async () => (await import("./spec/spec.ts")).specCheckCommand,
  "spec diff": async () => (await import("./spec/spec.ts")).specDiffCommand,
  "spec drift": async () => (await import("./spec/spec.ts")).specDriftCommand,
  "spec docs": async () => (await import("./spec/spec.ts")).specDocsCommand,
  "spec migrate": async () => (await import("./spec/spec.ts")).specMigrateCommand,
  status: async () => (await import("./runtime/background/control.ts")).statusCommand,
  worker: async () => (await import("./serve/worker.ts")).workerCommand,
};
