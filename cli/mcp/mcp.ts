/** `vastar mcp`: operations as tools, for a client that starts this program. */
import type { Command } from "../command.ts";
import {
  allConnectorsOption,
  allowOption,
  baseUrlsOption,
  runtimeOption,
} from "../shared_options.ts";

export const mcpCommand: Command = {
  name: "mcp",
  summary: "offer operations to an agent as tools, over standard input and output (MCP)",
  options: {
    connectors: allConnectorsOption,
    connector: {
      kind: "list",
      metavar: "ID",
      help: "offer only this connector (default: all)",
    },
    mode: {
      kind: "string",
      metavar: "MODE",
      choices: ["auto", "direct", "search"],
      help:
        "direct: a tool for each operation; search: tools to find and call any (default: auto, search from 30 operations on)",
    },
    only: {
      kind: "list",
      metavar: "PATTERN",
      help: "operations that may be called, such as github.issues.* (default: all)",
    },
    except: {
      kind: "list",
      metavar: "PATTERN",
      help: "operations that may not be called; wins over --only",
    },
    "read-only": {
      kind: "flag",
      help: "let no call change anything: GET, HEAD and QUERY only",
    },
    tenant: {
      kind: "string",
      metavar: "NAME",
      help: "whose calls these are, for the limits and lists of the runtime",
    },
    "max-answer": {
      kind: "number",
      metavar: "CHARS",
      help: "longest answer, in characters; the rest can be read on (default: 20000)",
    },
    runtime: runtimeOption,
    allow: allowOption,
    "base-url": baseUrlsOption,
    simulator: {
      kind: "flag",
      help: "let the bundled simulator answer for OpenAI, without a key",
    },
  },
  examples: [
    "--connector github --read-only",
    "--connectors ./connectors --only 'shop.orders.*' --except '*.delete'",
    "--runtime unix:/tmp/vastar-connector-runtime.sock --tenant agents",
  ],
  async run(args, io) {
    const { runMcp } = await import("./run.ts");
    return await runMcp(args, io);
  },
};
