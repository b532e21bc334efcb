/** Replaces APIs without a key by the bundled simulator. */
import { ConnectorError } from "../../src/core/errors.ts";
import type { HttpServer } from "../../src/core/serve/http_server.ts";
import type { ConnectorDefinition } from "../../src/connector/definition/definition.ts";
import { serveHttp } from "../../src/platform/serve.ts";
import { createMock, createSimulator } from "../../src/simulator/mod.ts";

/** Connectors that the simulator can stand in for, with the path of its API and an arbitrary key. */
const STAND_INS: Readonly<Record<string, { readonly path: string; readonly apiKey: string }>> = {
  openai: { path: "/v1", apiKey: "sk-simulator" },
};

const USUAL_PORT = 4545;
/** Slow enough to see it streaming, fast enough not to annoy. */
const CHUNK_DELAY_MS = 20;

export interface StandIn {
  readonly server: HttpServer;
  /** `127.0.0.1:4545`, for the egress policy. */
  readonly target: string;
  /** Ids of the connectors that it stands in for. */
  readonly ids: readonly string[];
  config(id: string): { readonly baseURL: string; readonly apiKey: string };
}

/** The connectors without a key that the simulator can answer for. With `always`, those with a key too. */
export function withoutKey(
  connectors: readonly ConnectorDefinition[],
  env: (name: string) => string | undefined,
  always: boolean,
): string[] {
  return connectors.filter(({ id, config }) =>
    Object.hasOwn(STAND_INS, id) &&
    (always || config.some((field) =>
      field.secret && !field.optional && field.env !== undefined && !env(field.env)
    ))
  ).map(({ id }) => id);
}

/** Starts the simulator on its usual port, or on a free one if that is taken. */
export async function startStandIn(
  connectors: readonly ConnectorDefinition[],
  ids: readonly string[],
): Promise<StandIn> {
  // Requests that the simulator does not know are answered from the examples in the spec.
  const mocks = connectors.filter(({ id }) => ids.includes(id)).map((definition) =>
    createMock(definition, {
      basePath: STAND_INS[definition.id]?.path ?? "",
      chunkDelayMs: CHUNK_DELAY_MS,
    })
  );
  const [mock] = mocks;
  const simulator = createSimulator({
    chunkDelayMs: CHUNK_DELAY_MS,
    ...(mock === undefined ? {} : { fallback: (request: Request) => mock.fetch(request) }),
  });
  const listen = (port: number) =>
    serveHttp({
      address: { kind: "tcp", host: "127.0.0.1", port },
      fetch: (request) => simulator.fetch(request),
    });
  const server = await listen(USUAL_PORT).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.code === "listen.in_use") return listen(0);
    throw error;
  });
  const { address } = server;
  return {
    server,
    target: address.kind === "tcp" ? `${address.host}:${address.port}` : address.path,
    ids,
    config(id) {
      const { path, apiKey } = STAND_INS[id] ?? { path: "", apiKey: "" };
      return { baseURL: server.url + path, apiKey };
    },
  };
}
