/** Reads HTTP/1.1 requests off a socket, pipelined ones too, and hands each over as soon as its head is complete. */
import type { Socket } from "node:net";

export interface ReceivedRequest {
  readonly method: string;
  /** As sent in the request line. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** As sent: order, case and repeats kept. */
  readonly headers: readonly (readonly [string, string])[];
  header(name: string): string | undefined;
  /** Body bytes so far, in the pieces they arrived in. */
  readonly chunks: Uint8Array[];
  /** Called with each piece, also those that arrived before it was set. */
  onData(callback: (bytes: Uint8Array) => void): void;
  /** Resolves with the whole body; never when the connection closes first. */
  readonly body: Promise<Uint8Array>;
  /** Resolves when the connection that carried it closes. */
  readonly closed: Promise<void>;
  /** Reads on where `/stall` had stopped: a paused socket does not notice that it was closed. */
  resume(): void;
  /** What a route has written so far, where it keeps count. */
  readonly progress: { written: number };
}

interface Open extends ReceivedRequest {
  feed(bytes: Uint8Array): void;
  finish(): void;
  close(): void;
}

type State =
  | { kind: "head" }
  | { kind: "length"; left: number }
  | { kind: "chunk-size" }
  | {
    kind: "chunk";
    left: number;
  }
  | { kind: "chunk-end" }
  | { kind: "trailer" };

const latin1 = new TextDecoder("latin1");

export class RequestReader {
  #buffer: Uint8Array = new Uint8Array(0);
  #state: State = { kind: "head" };
  #current: Open | undefined;
  readonly #all: Open[] = [];
  readonly #onRequest: (request: ReceivedRequest) => void;
  readonly socket: Socket;

  constructor(socket: Socket, onRequest: (request: ReceivedRequest) => void) {
    this.socket = socket;
    this.#onRequest = onRequest;
  }

  closed(): void {
    for (const request of this.#all) request.close();
  }

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    this.#buffer = joined;
    while (this.#step());
  }

  #line(): string | undefined {
    const end = this.#buffer.indexOf(10);
    if (end < 0) return undefined;
    const line = latin1.decode(this.#buffer.subarray(0, end)).replace(/\r$/, "");
    this.#buffer = this.#buffer.subarray(end + 1);
    return line;
  }

  #take(count: number): Uint8Array {
    const part = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.subarray(part.length);
    return part;
  }

  #end(): true {
    this.#current?.finish();
    this.#current = undefined;
    this.#state = { kind: "head" };
    return true;
  }

  /** True when it got further and should be called again. */
  #step(): boolean {
    const state = this.#state;
    switch (state.kind) {
      case "head":
        return this.#head();
      case "length":
      case "chunk": {
        if (this.#buffer.length === 0) return false;
        const part = this.#take(state.left);
        state.left -= part.length;
        this.#current?.feed(part);
        if (state.left > 0) return false;
        if (state.kind === "length") return this.#end();
        this.#state = { kind: "chunk-end" };
        return true;
      }
      case "chunk-size": {
        const line = this.#line();
        if (line === undefined) return false;
        const left = parseInt(line, 16);
        this.#state = left > 0 ? { kind: "chunk", left } : { kind: "trailer" };
        return true;
      }
      case "chunk-end":
        if (this.#line() === undefined) return false;
        this.#state = { kind: "chunk-size" };
        return true;
      case "trailer": {
        const line = this.#line();
        if (line === undefined) return false;
        return line === "" ? this.#end() : true;
      }
    }
  }

  #head(): boolean {
    const end = indexOfBlankLine(this.#buffer);
    if (end < 0) return false;
    const lines = latin1.decode(this.#take(end)).trimEnd().split("\r\n");
    const [method = "", target = ""] = (lines[0] ?? "").split(" ");
    const headers = lines.slice(1).map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    const request = open(method, target, headers, this.socket);
    this.#all.push(request);
    this.#current = request;
    const length = Number(request.header("content-length") ?? 0);
    const chunked = request.header("transfer-encoding")?.toLowerCase() === "chunked";
    this.#state = chunked ? { kind: "chunk-size" } : { kind: "length", left: length };
    this.#onRequest(request);
    return !chunked && length === 0 ? this.#end() : true;
  }
}

function indexOfBlankLine(bytes: Uint8Array): number {
  for (let i = bytes.indexOf(13); i >= 0; i = bytes.indexOf(13, i + 1)) {
    if (bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) return i + 4;
  }
  return -1;
}

function open(
  method: string,
  target: string,
  headers: readonly (readonly [string, string])[],
  socket: Socket,
): Open {
  const url = new URL(target, "http://upstream.test");
  const chunks: Uint8Array[] = [];
  const body = Promise.withResolvers<Uint8Array>();
  const closed = Promise.withResolvers<void>();
  let listener: ((bytes: Uint8Array) => void) | undefined;
  return {
    method,
    target,
    path: url.pathname,
    query: url.searchParams,
    headers,
    header: (name) => headers.find(([n]) => n.toLowerCase() === name.toLowerCase())?.[1],
    chunks,
    onData(callback) {
      listener = callback;
      for (const chunk of chunks) callback(chunk);
    },
    body: body.promise,
    closed: closed.promise,
    progress: { written: 0 },
    resume: () => void socket.resume(),
    feed(bytes) {
      chunks.push(bytes);
      listener?.(bytes);
    },
    finish() {
      const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
      let at = 0;
      for (const chunk of chunks) {
        whole.set(chunk, at);
        at += chunk.length;
      }
      body.resolve(whole);
    },
    close: () => closed.resolve(),
  };
}
