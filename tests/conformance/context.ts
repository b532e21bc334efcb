/** What every behaviour of the suite gets. */
import { expect } from "bun:test";
import { type AddressInfo, createServer, type Server } from "node:net";
import { ConnectorError, type RuntimeClient } from "../../mod.ts";
import { startUpstream, type UpstreamServer } from "../support/upstream.ts";
import { type Host, type HostName, startHost } from "./hosts.ts";

export interface Context {
  readonly host: Host;
  /** For a tenant of its own; the host is shared by all behaviours. */
  readonly client: RuntimeClient;
  /** Loopback, allowed. */
  readonly upstream: UpstreamServer;
  /** A different origin; loopback, allowed. */
  readonly second: UpstreamServer;
  /** Loopback, not allowed. */
  readonly forbidden: UpstreamServer;
  /** Answers with an endless body, as fast as it is read. */
  readonly endless: EndlessUpstream;
  /** Allowed, but nothing listens there. */
  readonly closedUrl: string;
}

export interface Behaviour {
  readonly name: string;
  readonly run: (context: Context) => Promise<void>;
}

export async function startContext(name: HostName): Promise<Context & { stop(): Promise<void> }> {
  const [upstream, second, forbidden, endless, closedPort] = await Promise.all([
    startUpstream(),
    startUpstream(),
    startUpstream(),
    EndlessUpstream.start(),
    closed(),
  ]);
  const allowed = [upstream.port, second.port, endless.port, closedPort].map((port) =>
    `127.0.0.1:${port}`
  );
  const host = await startHost(name, allowed);
  return {
    host,
    client: host.client(),
    upstream,
    second,
    forbidden,
    endless,
    closedUrl: `http://127.0.0.1:${closedPort}`,
    async stop() {
      await host.stop();
      await Promise.all([
        upstream.close(),
        second.close(),
        forbidden.close(),
        endless.close(),
      ]);
    },
  };
}

export class EndlessUpstream {
  readonly port: number;
  /** Bytes of bodies that sockets took, of all requests. */
  sent = 0;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const piece = new Uint8Array(64 * 1024);
    server.on("connection", (socket) => {
      socket.on("error", () => {});
      const pump = () => {
        while (!socket.destroyed) {
          this.sent += piece.length;
          if (!socket.write(piece)) return;
        }
      };
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n");
        socket.on("drain", pump);
        pump();
      });
    });
  }

  static async start(): Promise<EndlessUpstream> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return new EndlessUpstream(server);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A port that was in use a moment ago. */
async function closed(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The ConnectorError that a promise rejects with; fails if it resolves. */
export async function failure(work: Promise<unknown>): Promise<ConnectorError> {
  const error = await work.then((value) => value, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConnectorError);
  return error as ConnectorError;
}

/** A reader that says what it waited for instead of running into the test's timeout. */
export async function within<T>(work: Promise<T>, what: string, ms = 30_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
