/** `vastar record`: stands between programs and an API, and keeps what they say to each other. */
import type { Command } from "../command.ts";
import {
  allowEmbeddedOption,
  connectorsOption,
  hostOption,
  runtimeOption,
} from "../shared_options.ts";

export const recordCommand: Command = {
  name: "record",
  summary:
    "keep what programs and an API say to each other, without secrets, for replays and for `spec drift`",
  options: {
    out: {
      kind: "string",
      short: "o",
      metavar: "FILE",
      help: "file that exchanges are appended to (default: CONNECTOR.recording.jsonl)",
    },
    port: {
      kind: "number",
      short: "p",
      metavar: "PORT",
      help: "port to listen on; 0 for any free one (default: 4646)",
    },
    host: hostOption,
    "base-url": {
      kind: "string",
      metavar: "URL",
      help: "server of the API (default: the connector's own)",
    },
    "secret-header": {
      kind: "list",
      metavar: "NAME",
      help:
        "header to keep out, besides those whose names tell, such as authorization and x-api-key",
    },
    "secret-query": {
      kind: "list",
      metavar: "NAME",
      help: "query parameter to keep out, besides those whose names tell, such as key and token",
    },
    runtime: runtimeOption,
    allow: allowEmbeddedOption,
    connectors: connectorsOption,
  },
  positionals: [
    { name: "CONNECTOR", help: "id of a connector, or its folder", required: true },
  ],
  examples: ["openai", "./connectors/mine --out mine.jsonl --port 0"],
  async run(args, io) {
    const { runRecord } = await import("./record_run.ts");
    return await runRecord(args, io);
  },
};
