/** Stands between a runtime and a server of databases: with TLS, or to cut, hold and count what goes through. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { TlsPair } from "../certificates.ts";

const TLS_REQUEST = 80_877_103;

export class DatabaseProxy {
  readonly port: number;
  /** Connections that were made since the start. */
  connections = 0;
  /** Bytes that the server has sent. */
  received = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #clients = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /**
   * `tls`: what PostgreSQL does with a client that asks for it; without it, it is told that there is none. `greets`: the server
   * speaks first, as MySQL does.
   */
  static async start(target: number, tls?: TlsPair | "greets"): Promise<DatabaseProxy> {
    // Whoever ends a statement says so and is done: what was said has to arrive all the same.
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const proxy = new DatabaseProxy(server);
    server.on("connection", (client) => proxy.#serve(client, target, tls));
    return proxy;
  }

  /** Cuts every connection that is open now. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    for (const client of this.#clients) client.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(client: Socket, target: number, tls: TlsPair | "greets" | undefined): void {
    this.connections++;
    this.#clients.add(client);
    client.on("close", () => this.#clients.delete(client));
    client.on("error", () => {});
    if (tls === "greets") return this.#join(client, client, target);
    client.once("data", (first: Uint8Array) => {
      const asks = first.length === 8 &&
        new DataView(first.buffer, first.byteOffset).getInt32(4) === TLS_REQUEST;
      if (!asks) return this.#join(client, client, target, first);
      if (tls === undefined) return void client.write("N");
      client.write("S");
      const secure = new TLSSocket(client, { isServer: true, ...tls });
      secure.on("error", () => client.destroy());
      this.#join(client, secure, target);
    });
  }

  #join(raw: Socket, client: Socket, target: number, first?: Uint8Array): void {
    const server = connect({ host: "127.0.0.1", port: target });
    const pair = [raw, server] as const;
    this.#pairs.add(pair);
    const close = (): void => {
      this.#pairs.delete(pair);
      raw.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.on("error", close);
      socket.on("close", close);
    }
    if (first !== undefined) server.write(first);
    server.on("data", (bytes: Uint8Array) => this.received += bytes.length);
    client.pipe(server).pipe(client);
  }
}
