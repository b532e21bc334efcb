/** An API whose connections break as each call's `x-faults` says, and which records what it did. */
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { type ReceivedRequest, RequestReader } from "../../support/upstream_reader.ts";
import type { Fault } from "./script.ts";

/** The outcome of one call, whose requests all have the same `x-call`. */
export interface Seen {
  /** Whose head has arrived. */
  requests: number;
  /** That the API acted on: complete ones. */
  acted: number;
  /** Of which at least a byte of the answer was sent. */
  answered: number;
}

const PIECES = 3;

export class FaultyApi {
  readonly port: number;
  /** By `x-call`. */
  readonly calls: Map<string, Seen> = new Map();
  /** How often each write was executed, by `x-operation`. */
  readonly effects: Map<string, number> = new Map();
  readonly #keys = new Set<string>();
  #requests = 0;
  readonly #interludes = new Map<number, () => Promise<void>>();
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.#serve(socket));
  }

  static async start(): Promise<FaultyApi> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    return new FaultyApi(server);
  }

  /** What happens during request number `at`. Resolves afterwards. */
  during(at: number, work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#interludes.set(at, () => work().then(resolve, reject));
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    let stale = false;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
    const reader = new RequestReader(socket, (request) => {
      void this.#answer(request, socket).then((keep) => stale = !keep);
    });
    socket.on("data", (bytes: Uint8Array) => stale ? reset(socket) : reader.push(bytes));
  }

  /** False: the next request on the connection breaks it. */
  async #answer(request: ReceivedRequest, socket: Socket): Promise<boolean> {
    const seen = this.#seen(request);
    const faults = (request.header("x-faults") ?? "").split(",") as Fault[];
    const fault = faults[seen.requests++] ?? "none";
    await this.#interludes.get(++this.#requests)?.();
    const head = (status: number, rest: string): void => {
      seen.answered++;
      socket.write(`HTTP/1.1 ${status} Status\r\n${rest}\r\n`);
    };
    if (fault === "reset at the head") return reset(socket);
    if (fault === "close at the head") return ended(socket);
    await request.body;
    if (fault === "reset after the body") return reset(socket);
    if (fault === "503 instead") return head(503, "content-length: 0\r\n"), true;
    if (fault === "429 instead") {
      return head(429, "retry-after-ms: 1\r\ncontent-length: 0\r\n"), true;
    }
    this.#act(request, seen);
    switch (fault) {
      case "reset before the answer":
        return reset(socket);
      case "half a head":
        seen.answered++;
        socket.write("HTTP/1.1 200 OK\r\ncontent-le");
        return ended(socket);
      case "garbage":
        seen.answered++;
        socket.write("\u0000\u0001 garbage\r\n\r\n");
        return ended(socket);
      case "503 afterwards":
        return head(503, "content-length: 0\r\n"), true;
      case "no answer":
        return true;
      case "half a body":
      case "stale connection":
      case "none":
        break;
    }
    const text = `{"operation":"${request.header("x-operation")}"}`;
    if (request.path === "/stream") {
      head(200, "content-type: text/plain\r\ntransfer-encoding: chunked\r\n");
      for (let piece = 0; piece < PIECES; piece++) {
        if (fault === "half a body" && piece === PIECES - 1) return ended(socket);
        socket.write(`${text.length.toString(16)}\r\n${text}\r\n`);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      socket.write("0\r\n\r\n");
    } else {
      head(200, `content-type: application/json\r\ncontent-length: ${text.length}\r\n`);
      if (fault === "half a body") {
        socket.write(text.slice(0, 5));
        return ended(socket);
      }
      socket.write(text);
    }
    return fault !== "stale connection";
  }

  #seen(request: ReceivedRequest): Seen {
    const id = request.header("x-call") ?? "";
    const known = this.calls.get(id) ?? { requests: 0, acted: 0, answered: 0 };
    this.calls.set(id, known);
    return known;
  }

  /** Like APIs with idempotency keys: a repeated key has no further effect. */
  #act(request: ReceivedRequest, seen: Seen): void {
    seen.acted++;
    if (request.method === "GET") return;
    const key = request.header("idempotency-key");
    if (key !== undefined) {
      if (this.#keys.has(key)) return;
      this.#keys.add(key);
    }
    const operation = request.header("x-operation") ?? "";
    this.effects.set(operation, (this.effects.get(operation) ?? 0) + 1);
  }
}

function reset(socket: Socket): true {
  if (typeof socket.resetAndDestroy === "function") socket.resetAndDestroy();
  else socket.destroy();
  return true;
}

function ended(socket: Socket): true {
  socket.end();
  return true;
}
