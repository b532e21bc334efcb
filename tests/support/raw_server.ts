/** A server that writes whatever bytes a test wants, and records what it was sent. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { resolveOptions } from "../../src/engine/options.ts";
import type {
  Upstream,
  UpstreamOptions,
  UpstreamRequest,
  UpstreamResponse,
} from "../../src/core/platform.ts";
import { platform } from "#platform";

export interface RawConnection {
  readonly socket: Socket;
  /** Which connection it is, from 1. */
  readonly number: number;
  /** Which request on it, from 1. */
  readonly request: number;
  /** Head of the request, and what came of its body in the same read. */
  readonly text: string;
}

export interface RawServer {
  readonly url: string;
  /** Heads of all requests, in order. */
  readonly received: string[];
  /** Connections accepted. */
  readonly connections: number;
  readonly open: number;
  close(): Promise<void>;
}

/** Calls back for each piece that holds the head of a request. */
export async function startRaw(answer: (connection: RawConnection) => void): Promise<RawServer> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const number = ++connections;
    let request = 0;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Uint8Array) => {
      const text = new TextDecoder("latin1").decode(bytes);
      if (!text.includes("\r\n\r\n") || !text.includes(" HTTP/1.1\r\n")) return;
      received.push(text);
      answer({ socket, number, request: ++request, text });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export async function openUpstream(options: Partial<UpstreamOptions> = {}): Promise<Upstream> {
  return await platform.createUpstream(resolveOptions({ upstream: options }).upstream);
}

/** A request to `url`, at the loopback address. */
export function requestTo(url: string, part: Partial<UpstreamRequest> = {}): UpstreamRequest {
  return {
    method: "GET",
    url: new URL(url),
    pinned: { address: "127.0.0.1", family: 4 },
    headers: [],
    body: null,
    signal: new AbortController().signal,
    connectTimeoutMs: 5_000,
    ...part,
  };
}

export async function bytesOf({ body }: UpstreamResponse): Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : await new Response(body).bytes();
}

export async function textOf(response: UpstreamResponse): Promise<string> {
  return new TextDecoder().decode(await bytesOf(response));
}
