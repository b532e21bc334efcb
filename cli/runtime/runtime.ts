/** `vastar runtime`: the daemon. */
import type { Command } from "../command.ts";
import { allowOption } from "../shared_options.ts";

/** Shared with background runtimes. */
export const RUNTIME_OPTIONS: Command["options"] = {
  listen: {
    kind: "list",
    metavar: "ADDRESS",
    env: "VASTAR_LISTEN",
    help:
      "unix:PATH or tcp://HOST:PORT to serve on (default: where clients look, $VASTAR_SOCKET_PATH)",
  },
  join: {
    kind: "string",
    metavar: "ADDRESS",
    env: "VASTAR_JOIN",
    help: "nats://HOST:4222/POOL: take calls as a member of this pool; --listen is then optional",
  },
  only: {
    kind: "list",
    metavar: "CALLS",
    env: "VASTAR_ONLY",
    help: "what the member takes from the pool: connector=NAME, tenant=NAME (default: everything)",
  },
  admin: {
    kind: "string",
    metavar: "ADDRESS",
    env: "VASTAR_ADMIN",
    help: "tcp://HOST:PORT or unix:PATH for /livez, /readyz, /metrics and /config",
  },
  allow: allowOption,
  profile: {
    kind: "string",
    metavar: "NAME",
    env: "VASTAR_PROFILE",
    help: "profile of the configuration to apply over the rest",
  },
  drain: {
    kind: "number",
    metavar: "SECONDS",
    env: "VASTAR_DRAIN",
    help: "how long open calls may take after SIGTERM (default: 30)",
  },
  config: {
    kind: "string",
    metavar: "FILE",
    env: "VASTAR_CONFIG",
    help: "YAML configuration; read again on SIGHUP",
  },
};

export const runtimeCommand: Command = {
  name: "runtime",
  summary: "serve the engine to other processes over a Unix socket, TCP or NATS",
  options: {
    ...RUNTIME_OPTIONS,
    "take-over": {
      kind: "flag",
      help:
        "serve on the addresses of a running runtime; SIGUSR2 then lets that one finish and exit",
    },
    "check-config": {
      kind: "flag",
      help:
        "start nothing: report every mistake, or print the effective configuration without secrets",
    },
  },
  examples: [
    "--listen unix:/tmp/vastar-connector-runtime.sock",
    "--listen tcp://127.0.0.1:5000 --admin tcp://127.0.0.1:5001 --allow 127.0.0.1:4545",
    "--join nats://127.0.0.1:4222/pool",
    "--config runtime.yaml --check-config",
  ],
  async run(args, io) {
    const { runRuntime } = await import("./run.ts");
    return await runRuntime(args, io);
  },
};

export const runtimePolicyCommand: Command = {
  name: "runtime policy",
  summary: "give all runtimes with the same store a policy, or show the one that they have",
  options: {
    config: {
      kind: "string",
      metavar: "FILE",
      env: "VASTAR_CONFIG",
      help: "configuration of one of them, which names the store",
    },
  },
  positionals: [{
    name: "FILE",
    help: "sections of a runtime's configuration (default: print what is there)",
  }],
  examples: ["policy.yaml --config runtime.yaml", "--config runtime.yaml"],
  async run(args, io) {
    const { putPolicy } = await import("./shared/put_policy.ts");
    return await putPolicy(args, io);
  },
};
