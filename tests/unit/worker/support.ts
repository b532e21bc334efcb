import { invalidRequest } from "../../../src/core/errors.ts";
import type { ConnectorClient } from "../../../src/connector/call/client.ts";
import type {
  ConnectorDefinition,
  Invocation,
  OperationDefinition,
} from "../../../src/connector/definition/definition.ts";
import type { CallOptions } from "../../../src/connector/data/options.ts";
import {
  consolePage,
  createWorker,
  openApi,
  type Worker,
  type WorkerOptions,
} from "../../../src/worker/mod.ts";

export const BASE = "http://localhost:8787";

/** What an operation of the test connector does with its input. */
export type Handler = (input: unknown, options: CallOptions) => unknown;

const common = {
  method: "POST",
  path: "/x",
  tags: [],
  parameters: [],
  paginated: false,
  errors: [],
  examples: [],
};

const operations: OperationDefinition[] = [
  {
    ...common,
    id: "notes.create",
    summary: "Write a <note>",
    input: { $ref: "#/$defs/Note" },
    result: { kind: "json", schema: { $ref: "#/$defs/Note" } },
    stream: {
      when: [{ path: ["stream"], oneOf: [true] }],
      format: "sse",
      item: { $ref: "#/$defs/Piece" },
      text: { path: ["text"], when: [] },
      done: "[DONE]",
    },
    examples: [{ name: "short", input: { text: "</script>" }, status: 200, headers: [] }],
  },
  {
    ...common,
    id: "notes.list",
    input: { type: "object" },
    result: { kind: "json", schema: {} },
    paginated: true,
  },
  {
    ...common,
    id: "notes.raw",
    input: { type: "object" },
    result: { kind: "binary", schema: true },
  },
  {
    ...common,
    id: "notes.delete",
    input: { type: "object" },
    result: { kind: "none", schema: true },
    deprecated: "gone",
  },
];

/** An operation that takes and gives anything. */
export function testOperation(id: string): OperationDefinition {
  return { ...common, id, input: {}, result: { kind: "json", schema: {} } };
}

const types: ConnectorDefinition["types"] = {
  Note: {
    type: "object",
    required: ["text"],
    properties: {
      text: { type: "string" },
      stream: { type: "boolean" },
      parent: { $ref: "#/$defs/Note" },
    },
    default: { $ref: "#/$defs/Data" },
  },
  Piece: { oneOf: [{ $ref: "#/$defs/Note" }, { type: "null" }] },
};

/** A connector whose operations are functions. `kind` of the invocation follows the operation and its input. */
export function testConnector(
  handlers: Record<string, Handler>,
  id = "notes",
): ConnectorDefinition {
  return {
    id,
    version: "1.2.3",
    title: "Notes & more",
    servers: { default: "https://notes.example" },
    config: [{
      name: "apiKey",
      schema: { type: "string" },
      secret: true,
      env: "NOTES_KEY",
      optional: false,
    }],
    operations,
    types,
    check: { operation: "notes.list", input: {} },
    create(options = {}) {
      if ((options["apiKey"] ?? options.env?.("NOTES_KEY")) === undefined) {
        throw invalidRequest("config.missing", "notes needs apiKey: set NOTES_KEY");
      }
      return {} as ConnectorClient;
    },
    invoke(_client, operationId, input, options = {}) {
      const run = async () => await handlers[operationId]?.(input, options);
      const streams = typeof input === "object" && input !== null && "stream" in input &&
        input.stream === true;
      const kind = operationId === "notes.list" ? "pages" : streams ? "stream" : "value";
      return Object.assign(run(), { kind }) as unknown as Invocation;
    },
  };
}

export function testWorker(
  handlers: Record<string, Handler>,
  options: Partial<WorkerOptions> = {},
): Worker {
  return createWorker({
    connectors: [testConnector(handlers)],
    runtime: { call: () => Promise.reject(new Error("not used")) },
    config: { notes: { apiKey: "sk-very-secret" } },
    env: () => undefined,
    parts: [consolePage(), openApi()],
    ...options,
  });
}

type Fetcher = { fetch(request: Request): Response | Promise<Response> };

export async function post(
  worker: Fetcher,
  path: string,
  body: unknown,
  init: RequestInit = {},
): Promise<Response> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return await worker.fetch(
    new Request(BASE + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: text,
      ...init,
    }),
  );
}

export async function get(
  worker: Fetcher,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return await worker.fetch(new Request(BASE + path, init));
}
