/** Options of several commands: the same name means the same everywhere. */
import type { CommandOption } from "./command.ts";

export const runtimeOption: CommandOption = {
  kind: "string",
  metavar: "ADDRESS",
  env: "VASTAR_RUNTIME",
  help:
    "what executes the calls: embedded:, unix:PATH, tcp://HOST:PORT or nats://HOST:PORT/POOL (default: embedded:)",
};

export const allowOption: CommandOption = {
  kind: "list",
  metavar: "TARGET",
  env: "VASTAR_ALLOW",
  help: "destination outside the public internet that calls may reach: HOST:PORT, CIDR or *.DOMAIN",
};

/** Of the engine in this process: a daemon decides by its own. */
export const allowEmbeddedOption: CommandOption = {
  ...allowOption,
  help:
    "destination outside the public internet that embedded: may reach: HOST:PORT, CIDR or *.DOMAIN",
};

/** For one connector, which may be one's own. */
export const connectorsOption: CommandOption = {
  kind: "string",
  metavar: "DIR",
  env: "VASTAR_CONNECTORS",
  help: "folder of generated connectors (default: ./connectors, then the bundled ones)",
};

/** For all of a folder. */
export const allConnectorsOption: CommandOption = {
  ...connectorsOption,
  help: "folder of generated connectors, one folder each (default: the bundled ones)",
};

export const baseUrlsOption: CommandOption = {
  kind: "list",
  metavar: "ID=URL",
  help: "call this server instead of the connector's own: openai=https://llm.internal.example/v1",
};

/** Of those that serve HTTP. */
export const hostOption: CommandOption = {
  kind: "string",
  metavar: "ADDRESS",
  env: "VASTAR_HOST",
  help: "address to listen on; 0.0.0.0 for all (default: 127.0.0.1)",
};
