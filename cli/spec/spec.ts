/** `vastar spec …`: everything to do with a connector spec besides generating from it. */
import { HOSTS } from "../../codegen/hosts.ts";
import type { Command, CommandPositional } from "../command.ts";

const SPECS: CommandPositional = {
  name: "FILE|DIR",
  help: "specs, or folders with a connector.yaml in them or below (default: the current folder)",
  rest: true,
};

export const specCheckCommand: Command = {
  name: "spec check",
  summary: "report every mistake in connector specs",
  options: {
    format: {
      kind: "string",
      choices: ["text", "json", "sarif"],
      help: "how mistakes are written (default: text)",
    },
    host: {
      kind: "string",
      choices: [...HOSTS],
      help:
        "also say which parts of a policy do not work, or not as with a daemon, where calls are made there",
    },
    "deny-warnings": { kind: "flag", help: "fail for warnings too" },
  },
  positionals: [SPECS],
  examples: ["", "connectors/openai", "--format sarif connectors > specs.sarif", "--host browser"],
  async run(args, io) {
    const { checkSpecs } = await import("./check.ts");
    return checkSpecs(args, io);
  },
};

export const specDiffCommand: Command = {
  name: "spec diff",
  summary: "compare two versions of a spec and propose the next version number",
  options: {
    format: {
      kind: "string",
      choices: ["text", "json"],
      help: "how changes are written (default: text)",
    },
    "fail-on": {
      kind: "string",
      metavar: "WHAT",
      choices: ["breaking", "feature", "fix", "version"],
      help:
        "exit code 1 for changes of this level or above, or for a version number that is too low (default: never)",
    },
  },
  positionals: [
    { name: "OLD", help: "spec, or folder with a connector.yaml, as it was", required: true },
    { name: "NEW", help: "the same as it is now", required: true },
  ],
  examples: ["old/openai connectors/openai", "--fail-on version old.yaml connector.yaml"],
  async run(args, io) {
    const { diffSpecs } = await import("./diff.ts");
    return diffSpecs(args, io);
  },
};

export const specDriftCommand: Command = {
  name: "spec drift",
  summary: "compare what an API answered with its spec",
  options: {
    format: {
      kind: "string",
      choices: ["text", "json"],
      help: "how differences are written (default: text)",
    },
    overlay: {
      kind: "string",
      metavar: "FILE|-",
      help: "write the overlay that would make the spec say what the API does",
    },
  },
  positionals: [
    { name: "CONNECTOR", help: "id of a connector, or its folder", required: true },
    { name: "RECORDING", help: "files of `vastar record`", rest: true },
  ],
  examples: [
    "openai openai.recording.jsonl",
    "./connectors/mine *.jsonl --overlay ./connectors/mine/connector.overlay.yaml",
  ],
  async run(args, io) {
    const { driftOf } = await import("./drift.ts");
    return await driftOf(args, io);
  },
};

export const specMigrateCommand: Command = {
  name: "spec migrate",
  summary: "convert specs from older formats to the current one",
  options: {
    check: { kind: "flag", help: "write nothing; exit code 1 when a spec is in an older format" },
  },
  positionals: [SPECS],
  examples: ["connectors/openai", "--check"],
  async run(args, io) {
    const { migrateSpecs } = await import("./migrate.ts");
    return migrateSpecs(args, io);
  },
};

export const specDocsCommand: Command = {
  name: "spec docs",
  summary: "write Markdown documentation of connectors",
  options: {
    out: {
      kind: "string",
      short: "o",
      metavar: "PATH",
      help: "a .md file for one spec, or a folder for ID.md of each (default: standard output)",
    },
    import: {
      kind: "string",
      metavar: "SPECIFIER",
      help: "what the examples import the client from (default: ./ID/mod.gen.ts)",
    },
  },
  positionals: [SPECS],
  examples: ["connectors/openai", "connectors --out docs/connectors"],
  async run(args, io) {
    const { documentSpecs } = await import("./docs.ts");
    return documentSpecs(args, io);
  },
};
