/** `vastar worker`: every connector over HTTP. */
import type { Command } from "../command.ts";
import {
  allConnectorsOption,
  allowOption,
  baseUrlsOption,
  hostOption,
  runtimeOption,
} from "../shared_options.ts";

export const workerCommand: Command = {
  name: "worker",
  summary: "serve connectors over HTTP, with an OpenAPI document",
  options: {
    port: {
      kind: "number",
      short: "p",
      metavar: "PORT",
      env: "PORT",
      help: "port to listen on; 0 for any free one (default: 8787)",
    },
    host: hostOption,
    keys: {
      kind: "string",
      metavar: "FILE",
      env: "VASTAR_KEYS",
      help: "file of API keys, written by vastar keys: anyone with a key may call",
    },
    config: {
      kind: "string",
      metavar: "FILE",
      env: "VASTAR_WORKER_CONFIG",
      help: "YAML file with tenants, their limits and secrets, and identity providers",
    },
    open: {
      kind: "flag",
      env: "VASTAR_OPEN",
      help: "do not require a key, because something in front of the worker does",
    },
    runtime: runtimeOption,
    connectors: allConnectorsOption,
    allow: allowOption,
    "base-url": baseUrlsOption,
    simulator: {
      kind: "flag",
      help: "use the bundled simulator even if there is an API key",
    },
    "resume-window": {
      kind: "number",
      metavar: "SECONDS",
      env: "VASTAR_RESUME_WINDOW",
      help: "how long a stream waits for whoever left it to come back; 0: not at all (default: 10)",
    },
    cors: {
      kind: "list",
      metavar: "ORIGIN",
      env: "VASTAR_CORS",
      help: "web origin whose pages may call, or * (default: none)",
    },
    "allow-host": {
      kind: "list",
      metavar: "NAME",
      env: "VASTAR_ALLOW_HOST",
      help: "Host header to accept besides localhost, when listening on a loopback address",
    },
  },
  examples: [
    "",
    "--host 0.0.0.0 --keys keys.json --config worker.yaml",
    "--port 9000 --runtime unix:/tmp/vastar-connector-runtime.sock",
    "--base-url openai=http://127.0.0.1:11434/v1 --allow 127.0.0.1:11434",
  ],
  async run(args, io) {
    const { runWorker } = await import("./worker_run.ts");
    return await runWorker(args, io);
  },
};
