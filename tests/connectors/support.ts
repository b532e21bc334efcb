import { RuntimeClient } from "../../src/client/mod.ts";
import { serveHttp } from "../../src/platform/serve.ts";
import {
  createMock,
  type Mock,
  type MockConnector,
  type MockOptions,
} from "../../src/simulator/mod.ts";

/** A connector's mock on a port of its own, and the options of a client that calls it with the engine in this process. */
export interface MockServer {
  readonly mock: Mock;
  readonly url: string;
  readonly options: { readonly runtime: RuntimeClient; readonly baseURL: string };
  /** Body of the newest request. */
  lastBody(): string;
  /** Header of the newest request. */
  lastHeader(name: string): string | null;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function serveMock(
  definition: MockConnector,
  mockOptions: MockOptions = {},
): Promise<MockServer> {
  const mock = createMock(definition, mockOptions);
  const server = await serveHttp({
    address: { kind: "tcp", host: "127.0.0.1", port: 0 },
    fetch: (request) => mock.fetch(request),
  });
  const { host } = new URL(server.url);
  const runtime = new RuntimeClient({
    address: "embedded:",
    engine: { egress: { allow: [host] } },
  });
  const last = () => {
    const request = mock.requests().at(-1);
    if (request === undefined) throw new Error("The mock has received nothing.");
    return request;
  };
  return {
    mock,
    url: server.url,
    options: { runtime, baseURL: server.url },
    lastBody: () => new TextDecoder().decode(last().body),
    lastHeader: (name) => last().headers.get(name),
    async [Symbol.asyncDispose]() {
      await runtime.close();
      await server.stop(0);
    },
  };
}

/** The error that a promise rejects with; fails if it resolves. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("Expected a rejection.");
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
