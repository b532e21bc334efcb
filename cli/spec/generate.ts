/** `vastar generate`: typed clients from connector specs. */
import type { Command } from "../command.ts";

export const generateCommand: Command = {
  name: "generate",
  summary: "write typed clients from connector specs",
  positionals: [{
    name: "PATH",
    help: "spec, folder with a connector.yaml, or folder of such folders (default: connectors)",
    rest: true,
  }],
  options: {
    check: {
      kind: "flag",
      help: "write nothing; fail when a generated file differs, and say which",
    },
    database: {
      kind: "string",
      metavar: "URL",
      help: "ask this database for the types of a spec's statements, and write them beside it; " +
        "with --check, say what is different now",
    },
    watch: { kind: "flag", help: "generate again whenever a spec changes" },
    runtime: {
      kind: "string",
      metavar: "SPECIFIER",
      help: "what generated files import (default: @vastar/connector/connector)",
    },
    format: {
      kind: "string",
      choices: ["text", "json", "sarif"],
      help: "how mistakes in specs are reported (default: text)",
    },
  },
  examples: [
    "",
    "connectors/openai --check",
    "./my-api --watch",
    "./shop --database postgres://localhost/shop",
  ],
  async run(args, io) {
    const { runGenerate } = await import("./generate_run.ts");
    return await runGenerate(args, io);
  },
};
