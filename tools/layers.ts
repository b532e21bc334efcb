/** The layers of src/ and what each may use. docs/architecture.md shows the same table; a check compares them. */

export interface Layer {
  /** Folders of src/ that it may import, besides itself. */
  readonly imports: readonly string[];
  /** npm packages that it may import. */
  readonly packages: readonly string[];
  /** Runs wherever JavaScript runs: no Bun, Deno, `node:` or `process`. */
  readonly universal: boolean;
  /** Why the layer is where it is; part of the message when an import breaks the rule. */
  readonly why: string;
}

const CLIENT = [
  "core",
  "concurrency",
  "telemetry",
  "wire",
  "nats",
  "sse",
  "engine",
  "http",
  "transport",
];
const ANY = "any";

export const LAYERS: Readonly<Record<string, Layer>> = {
  core: {
    imports: [],
    packages: [],
    universal: true,
    why: "everything stands on core, so core stands on nothing",
  },
  concurrency: {
    imports: ["core"],
    packages: [],
    universal: true,
    why: "tasks, limits and locks are useful without the rest of the library",
  },
  wire: {
    imports: ["core"],
    packages: [],
    universal: true,
    why: "frames and sessions know bytes, not sockets or HTTP; client and daemon share them",
  },
  nats: {
    imports: ["core", "wire"],
    packages: [],
    universal: true,
    why:
      "byte streams over NATS and who is in a pool: client and daemon share them, neither depends on the other, and the package is the platform's business",
  },
  ipc: {
    imports: [],
    packages: ["flatbuffers"],
    universal: true,
    why:
      "the compiler's own tables are for programs that write frames themselves; nothing here reads with them",
  },
  sse: {
    imports: ["core"],
    packages: [],
    universal: true,
    why: "a parser of byte streams is useful without the rest of the library",
  },
  schema: {
    imports: ["core"],
    packages: [],
    universal: true,
    why:
      "it checks values and says what is wrong with them, whoever asks: a worker or a file's reader",
  },
  config: {
    imports: ["core", "schema"],
    packages: ["yaml"],
    universal: true,
    why: "it turns text into values; what they mean is up to the reader",
  },
  http: {
    imports: ["core"],
    packages: ["ipaddr.js"],
    universal: true,
    why: "it holds the rules of HTTP and of egress, as functions without state; stages apply them",
  },
  http1: {
    imports: ["core", "http"],
    packages: [],
    universal: true,
    why: "it reads and writes HTTP/1.1; whose sockets carry it is the platform's business",
  },
  telemetry: {
    imports: ["core"],
    packages: ["@opentelemetry/api"],
    universal: true,
    why: "calls are recorded in one place, the same way whoever makes or serves them",
  },
  engine: {
    imports: ["core", "http", "telemetry"],
    packages: [],
    universal: true,
    why:
      "stages are pure over injected time, network and state; who calls them is not their business",
  },
  transport: {
    imports: ["core", "nats", "wire", "http", "engine"],
    packages: [],
    universal: true,
    why: "it carries calls to an engine here or elsewhere, whoever makes them",
  },
  client: {
    imports: CLIENT,
    packages: ["eventsource-parser"],
    universal: true,
    why: "it knows transports, not connectors or hosts",
  },
  api: {
    imports: ["core", "concurrency", "http", "client"],
    packages: [],
    universal: true,
    why: "it adds what one API needs to the client of a runtime, and knows no specs",
  },
  messaging: {
    imports: ["core", "concurrency", "client", "api"],
    packages: [],
    universal: true,
    why:
      "messages and their transports are about bytes; over HTTP they go through the client of an API",
  },
  adapters: {
    imports: ["core", "client", "api"],
    packages: ["openai", "@anthropic-ai/sdk"],
    // Its own code is; the types of the packages name those of Node.
    universal: false,
    why: "each is an entry point of its own: only whoever imports it needs the official package",
  },
  connector: {
    imports: ["core", "telemetry", "sse", "http", "client"],
    packages: [],
    universal: true,
    why: "generated clients reach the runtime only through the client",
  },
  worker: {
    imports: ["core", "telemetry", "sse", "schema", "client", "connector"],
    packages: ["hono", "jose", "oauth4webapi"],
    universal: true,
    why: "it serves connectors over HTTP on any host, so it sees no engine and no socket",
  },
  mcp: {
    imports: ["core", "http", "schema", "connector", "worker"],
    packages: ["@modelcontextprotocol/server", "stemmer"],
    universal: true,
    why:
      "it offers what a worker serves to agents; a worker without agents must not carry it, so the worker knows nothing of it",
  },
  recording: {
    imports: ["core", "sse", "schema"],
    packages: [],
    universal: true,
    why:
      "it sees requests and answers; who makes them and what a spec is made into is not its business",
  },
  console: {
    imports: ["core", "connector", "worker", "mcp"],
    packages: ["eventsource-parser"],
    universal: true,
    why:
      "it runs in a browser and asks the worker over HTTP, so it takes types, pure functions and nothing else from below",
  },
  simulator: {
    imports: ["core"],
    packages: ["hono"],
    universal: true,
    why:
      "it plays the upstream: sharing code with the system under test would hide that system's mistakes",
  },
  daemon: {
    imports: ["core", "config", "nats", "wire", "engine", "http", "telemetry"],
    packages: [],
    universal: false,
    why: "it is the other end of the wire: what client and daemon share lives below both",
  },
  platform: {
    imports: [ANY],
    packages: ["@nats-io/transport-node", "@nats-io/jetstream", "@nats-io/kv"],
    universal: false,
    why: "a runtime's own code is imported by entry points and through #platform only",
  },
};

/** Modules that may use `src/platform/` and every layer: where a program starts. */
export const ENTRY_POINTS: readonly string[] = ["mod.ts", "src/load_config.ts", "src/runtime.ts"];

export function layerOf(file: string): string | undefined {
  const [top, layer, rest] = file.split("/", 3);
  return top === "src" && rest !== undefined ? layer : undefined;
}

export function mayImport(from: Layer, layer: string): boolean {
  return from.imports.includes(ANY) || from.imports.includes(layer);
}
