/** `vastar call`: one operation of a connector, from the command line. */
import type { Command } from "../command.ts";
import { allowEmbeddedOption, connectorsOption, runtimeOption } from "../shared_options.ts";

export const callCommand: Command = {
  name: "call",
  summary: "call an operation of a connector and print its answer",
  options: {
    input: {
      kind: "string",
      short: "i",
      metavar: "JSON|@FILE|-",
      help: "the input: JSON, a file with JSON, or - for standard input (default: {})",
    },
    field: {
      kind: "list",
      short: "f",
      metavar: "NAME=VALUE",
      help: "one property of the input: JSON, else text; NAME=@FILE takes it from a file",
    },
    stream: { kind: "flag", short: "s", help: "stream the answer, where the operation can" },
    all: { kind: "flag", help: "print the items of all pages, one JSON text per line" },
    json: {
      kind: "flag",
      help: "JSON without line breaks: one text for the answer, each item of a stream, an error",
    },
    out: {
      kind: "string",
      short: "o",
      metavar: "FILE",
      help: "write the answer to a file (default: standard output)",
    },
    include: { kind: "flag", help: "print status and headers of the answer to standard error" },
    config: {
      kind: "list",
      short: "c",
      metavar: "NAME=VALUE",
      help: "configuration of the connector, instead of its environment variable",
    },
    "base-url": {
      kind: "string",
      metavar: "URL",
      help: "call this server instead of the connector's own",
    },
    "content-type": {
      kind: "string",
      metavar: "TYPE",
      help: "send the body as this, where the connector offers several (default: its first)",
    },
    header: { kind: "list", metavar: "NAME:VALUE", help: "additional header of the request" },
    timeout: {
      kind: "number",
      metavar: "SECONDS",
      help: "for the whole call, stream included (default: what the connector says)",
    },
    retries: {
      kind: "number",
      metavar: "COUNT",
      help: "how many times a failed call is retried at most (default: what the connector says)",
    },
    hedge: {
      kind: "number",
      metavar: "MS",
      help:
        "send the request once more, beside the first, if no answer has begun by then and it does no harm",
    },
    runtime: runtimeOption,
    allow: allowEmbeddedOption,
    connectors: connectorsOption,
  },
  positionals: [
    { name: "CONNECTOR", help: "id of a connector, or its folder; without it: list connectors" },
    { name: "OPERATION", help: "id of an operation; without it: list those of the connector" },
  ],
  examples: [
    "openai",
    `openai chat.completions.create --stream --input '{"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}'`,
    "github issues.list -f owner=denoland -f repo=deno --all",
    "./my-api things.get -f id=7 --config token=abc",
  ],
  async run(args, io) {
    const { runCall } = await import("./run.ts");
    return await runCall(args, io);
  },
};
