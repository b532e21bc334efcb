/** `vastar simulator`: the OpenAI and Anthropic stand-in on a port. */
import type { Command } from "../command.ts";
import { hostOption } from "../shared_options.ts";

export const simulatorCommand: Command = {
  name: "simulator",
  summary: "serve a deterministic stand-in for the OpenAI and Anthropic APIs",
  options: {
    port: {
      kind: "number",
      short: "p",
      metavar: "PORT",
      env: "SIMULATOR_PORT",
      help: "port to listen on; 0 for any free one (default: 4545)",
    },
    host: hostOption,
    answers: {
      kind: "string",
      metavar: "DIR",
      env: "SIMULATOR_ANSWERS",
      help: "folder of Markdown files with one answer each (default: built-in answers)",
    },
    "chunk-size": {
      kind: "number",
      metavar: "CHARACTERS",
      help: "characters in each streamed piece (default: whole words)",
    },
    "chunk-delay": {
      kind: "number",
      metavar: "MS",
      help: "milliseconds between streamed pieces (default: 20)",
    },
    "first-delay": {
      kind: "number",
      metavar: "MS",
      help: "milliseconds before an answer begins (default: 0)",
    },
    model: { kind: "list", metavar: "ID", help: "additional model to list" },
    "strict-models": { kind: "flag", help: "accept listed models only" },
    "api-key": {
      kind: "string",
      metavar: "KEY",
      env: "SIMULATOR_API_KEY",
      help: "require this key (default: any or none)",
    },
    fault: {
      kind: "list",
      metavar: "FAULT",
      help:
        "fault for the next request, repeatable: status=503;retry-after=1 or kind=reset;after=3",
    },
    connector: {
      kind: "list",
      metavar: "ID|DIR",
      help: "connector to serve from its examples at /mock/ID: a bundled one, or a folder",
    },
    recording: {
      kind: "list",
      metavar: "FILE",
      help:
        "recording of `vastar record`, answered at /mock/ID as it was; examples answer the rest",
    },
    speed: {
      kind: "number",
      metavar: "TIMES",
      help: "how often faster than recorded; 0: without pauses (default: 1)",
    },
  },
  examples: [
    "--port 4545",
    "--answers ./answers --chunk-delay 50",
    "--connector stripe --connector ./connectors/mine",
    "--recording openai.recording.jsonl --speed 0",
    "--fault 'status=429;retry-after=1' --fault 'kind=reset;after=3'",
  ],
  async run(args, io) {
    const { runSimulator } = await import("./simulator_run.ts");
    return await runSimulator(args, io);
  },
};
