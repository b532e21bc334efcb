/** `vastar init`: a first spec. */
import type { Command } from "../command.ts";

export const initCommand: Command = {
  name: "init",
  summary: "write a first spec for a new connector",
  options: {
    dir: {
      kind: "string",
      metavar: "DIR",
      help: "folder in which the connector gets a folder (default: connectors)",
    },
    url: {
      kind: "string",
      metavar: "URL",
      help: "base URL of the API (default: https://api.example.com)",
    },
    path: {
      kind: "string",
      metavar: "PATH",
      help: "path that the first operation gets: /users/{id} (default: /status)",
    },
    auth: {
      kind: "string",
      choices: ["none", "bearer", "header"],
      help: "how calls are authenticated; header is an X-API-Key (default: none)",
    },
  },
  positionals: [
    { name: "ID", help: "of the connector: lowercase letters, digits and -", required: true },
  ],
  examples: [
    "weather",
    "github-user --url https://api.github.com --path /users/{user} --auth bearer",
  ],
  async run(args, io) {
    const { initConnector } = await import("./init_run.ts");
    return initConnector(args, io);
  },
};
