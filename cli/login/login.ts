/** `vastar login`: access to an API on behalf of a person. */
import type { Command } from "../command.ts";
import { allConnectorsOption } from "../shared_options.ts";

export const loginCommand: Command = {
  name: "login",
  summary: "log in to an API with a code on another device, for a connector with OAuth 2",
  options: {
    config: {
      kind: "string",
      metavar: "FILE",
      env: "VASTAR_WORKER_CONFIG",
      help: "configuration of the worker, which names the authorization server under oauth",
    },
    tenant: {
      kind: "string",
      metavar: "TENANT",
      help: "whose calls are to use it (default: those of a worker without keys)",
    },
    connectors: allConnectorsOption,
  },
  positionals: [{ name: "CONNECTOR", help: "id of the connector", required: true }],
  examples: ["drive --config worker.yaml --tenant acme"],
  async run(args, io) {
    const { login } = await import("./login_run.ts");
    return await login(args, io);
  },
};
