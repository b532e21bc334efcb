/** Sockets that do what a test says, behind the real client. */
import type { UpstreamOptions, UpstreamRequest } from "../../../src/core/platform.ts";
import { resolveOptions } from "../../../src/engine/options.ts";
import { type Answer, createHttpClient, type HttpClient } from "../../../src/http1/client.ts";
import type { DialHandlers, HttpSocket } from "../../../src/http1/dial.ts";
import type { Endpoint } from "../../../src/http1/target.ts";
import { type FakeClock, fakeClock } from "../../support/clock.ts";
import { bytesOf, latin1 } from "./support.ts";

export class FakeSocket implements HttpSocket {
  /** What was taken of the requests. */
  sent = "";
  /** How much more it takes. */
  room: number = Infinity;
  paused = false;
  destroyed = false;
  held = true;
  whole = true;
  readonly handlers: DialHandlers;
  readonly endpoint: Endpoint;
  givenUp = false;

  constructor(endpoint: Endpoint, handlers: DialHandlers) {
    this.endpoint = endpoint;
    this.handlers = handlers;
  }

  open(): void {
    this.handlers.open(this);
  }
  /** The upstream sends this. */
  say(text: string): void {
    this.handlers.data(bytesOf(text));
  }
  /** The socket takes so many bytes more. */
  drain(room: number = Infinity): void {
    this.room = room;
    this.handlers.drain();
  }
  write(bytes: Uint8Array): number {
    if (this.destroyed) return 0;
    const taken = Math.min(this.room, bytes.length);
    this.sent += latin1(bytes, 0, taken);
    this.room -= taken;
    return taken;
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  end(): void {
    this.destroy();
  }
  destroy(): void {
    this.destroyed = true;
  }
  keepAlive(on: boolean): void {
    this.held = on;
  }
  flushed(): boolean {
    return this.whole;
  }
}

export interface FakeNet {
  readonly clock: FakeClock;
  readonly sockets: FakeSocket[];
  readonly client: HttpClient<Answer>;
  /** The newest one. */
  last(): FakeSocket;
  /** Sends a request; sockets open at once, unless `open` says otherwise. */
  send(part?: Partial<UpstreamRequest>): Promise<Answer>;
}

export function fakeNet(options: Partial<UpstreamOptions> & { open?: boolean } = {}): FakeNet {
  const { open = true, ...upstream } = options;
  const clock = fakeClock();
  const sockets: FakeSocket[] = [];
  const client = createHttpClient<Answer>(resolveOptions({ upstream }).upstream, {
    clock,
    latin1,
    finish: (answer) => answer,
    dial(endpoint, handlers) {
      const socket = new FakeSocket(endpoint, handlers);
      sockets.push(socket);
      if (open) socket.open();
      return () => void (socket.givenUp = true);
    },
  });
  return {
    clock,
    sockets,
    client,
    last: () => sockets.at(-1) as FakeSocket,
    send: (part = {}) =>
      Promise.resolve(client.exchange({
        method: "GET",
        url: new URL("http://a.example/x"),
        pinned: { address: "192.0.2.1", family: 4 },
        headers: [],
        body: null,
        signal: new AbortController().signal,
        connectTimeoutMs: 5_000,
        ...part,
      })),
  };
}

export const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

export async function read({ body }: Answer): Promise<string> {
  return await new Response(body as BodyInit).text();
}

/** Lets everything that is ready happen. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}
