/** An API over a raw socket that answers with exactly the bytes, pauses and ends that a test wants. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type ReceivedRequest, RequestReader } from "../../support/upstream_reader.ts";

/** Answers one request; sees the connection, so that it can break it. */
export type Script = (answer: Answer, request: ReceivedRequest) => void | Promise<void>;

const encoder = new TextEncoder();
const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === "string" ? encoder.encode(data) : data;

export class Answer {
  readonly #socket: Socket;
  /** Bytes of the body that the socket took. */
  written = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  get gone(): boolean {
    return this.#socket.destroyed;
  }

  head(status = 200, headers: readonly string[] = ["Content-Type: text/event-stream"]): this {
    const lines = [`HTTP/1.1 ${status} Status`, ...headers, "Transfer-Encoding: chunked", "", ""];
    this.#socket.write(lines.join("\r\n"));
    return this;
  }

  /** One chunk of the body; false when the socket has enough for now. */
  send(data: string | Uint8Array): boolean {
    const bytes = bytesOf(data);
    this.written += bytes.length;
    if (bytes.length === 0) return true;
    this.#socket.write(`${bytes.length.toString(16)}\r\n`);
    this.#socket.write(bytes);
    return this.#socket.write("\r\n");
  }

  /** Resolves when the socket takes more; also when it is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#socket.off("drain", settle);
        this.#socket.off("close", settle);
        resolve();
      };
      this.#socket.on("drain", settle);
      this.#socket.on("close", settle);
    });
  }

  /** The end of the body, as it should be. */
  end(): void {
    this.#socket.write("0\r\n\r\n");
  }

  /** The connection ends inside the body. */
  cut(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** A whole answer with a length. */
  whole(status: number, body: string, headers: readonly string[] = []): void {
    const bytes = encoder.encode(body);
    const lines = [`HTTP/1.1 ${status} Status`, ...headers, `Content-Length: ${bytes.length}`];
    this.#socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    this.#socket.write(bytes);
  }
}

export interface ScriptedApi {
  readonly authority: string;
  /** Script for the next requests, until replaced. */
  script: Script;
  /** Since the start. */
  readonly requests: readonly ReceivedRequest[];
  /** The current or last answer. */
  readonly answer: Answer | undefined;
  close(): Promise<void>;
}

export async function startScriptedApi(): Promise<ScriptedApi> {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let answer: Answer | undefined;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const reader = new RequestReader(socket, (request) => {
      requests.push(request);
      const given = answer = new Answer(socket);
      void request.body.then(() => api.script(given, request));
    });
    socket.on("data", (bytes: Uint8Array) => reader.push(bytes));
    socket.on("close", () => {
      sockets.delete(socket);
      reader.closed();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const api: ScriptedApi = {
    authority: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    script: (given) => given.whole(404, "no script"),
    requests,
    get answer() {
      return answer;
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  return api;
}
