/** `vastar keys …`: who may call a worker. */
import type { Command, CommandOption } from "../command.ts";

const file: CommandOption = {
  kind: "string",
  metavar: "FILE",
  env: "VASTAR_KEYS",
  help: "file with the hashes of the keys; give the worker the same file",
};

export const keysCreateCommand: Command = {
  name: "keys create",
  summary: "create an API key for a worker, shown once",
  options: {
    keys: file,
    tenant: { kind: "string", metavar: "TENANT", help: "tenant that its calls belong to" },
    name: { kind: "string", metavar: "TEXT", help: "what it is for, shown in lists" },
    connector: {
      kind: "list",
      metavar: "ID",
      help: "connector it may use, * matches any characters",
    },
    operation: {
      kind: "list",
      metavar: "ID.OPERATION",
      help: "operation it may use, * matches any characters: openai.chat.*",
    },
    "read-only": { kind: "flag", help: "only operations of the methods GET, HEAD and QUERY" },
    days: {
      kind: "number",
      metavar: "DAYS",
      help: "how long it is valid (default: until revoked)",
    },
  },
  examples: [
    "--keys keys.json --tenant acme",
    "--keys keys.json --tenant acme --connector openai --operation 'openai.chat.*' --days 90",
    "--keys keys.json --tenant audit --read-only",
  ],
  async run(args, io) {
    const { createKeyIn } = await import("./keys_run.ts");
    return await createKeyIn(args, io);
  },
};

export const keysListCommand: Command = {
  name: "keys list",
  summary: "list the API keys of a worker, without the keys themselves",
  options: { keys: file, json: { kind: "flag", help: "as JSON" } },
  examples: ["--keys keys.json"],
  async run(args, io) {
    const { listKeys } = await import("./keys_run.ts");
    return await listKeys(args, io);
  },
};

export const keysRevokeCommand: Command = {
  name: "keys revoke",
  summary: "revoke an API key; a running worker notices within a second",
  options: { keys: file },
  positionals: [{
    name: "ID",
    help: "the id that vastar keys list shows, or the key itself",
    required: true,
  }],
  examples: ["--keys keys.json 0f3a51c2d4b6e798"],
  async run(args, io) {
    const { revokeKey } = await import("./keys_run.ts");
    return await revokeKey(args, io);
  },
};
