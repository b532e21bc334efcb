/** Connections to upstreams over Deno's own sockets: faster than its node:net, and with TLS errors that say why. */
import type { Dial } from "../../http1/dial.ts";
import type { Endpoint } from "../../http1/target.ts";
import { Turns } from "../shared/turns.ts";
import { closeConn, type Conn, DenoSocket, type TcpConn, type TlsConn } from "./http_socket.ts";

export interface DenoNet {
  connect(options: {
    hostname: string;
    port: number;
    signal?: AbortSignal;
  }): Promise<TcpConn>;
  startTls(conn: TcpConn, options: { hostname: string; caCerts: string[] }): Promise<TlsConn>;
}

/** Limit for remembered peers that left a handshake unfinished. */
const MAX_SILENT = 1_000;
/** How long an abandoned handshake may take to end after all. */
const LATE_MS = 5_000;

/**
 * @param ca certificates to trust besides the well-known ones.
 * @param careful another way to connect with TLS, for peers that do not finish the handshake: Deno keeps such a connection
 *   open, even when closed, until the peer closes it.
 */
export function createDial(deno: DenoNet, ca: readonly string[], careful: () => Dial): Dial {
  const silent = new Set<string>();
  // A real pause: without one, Deno only checks other ready sockets every sixty-first time.
  const turns = new Turns((next) => void setTimeout(next, 0));

  async function open(endpoint: Endpoint, attempt: Attempt): Promise<Conn | undefined> {
    const { host: hostname, port, tls } = endpoint;
    const plain = await deno.connect({ hostname, port, signal: attempt.signal });
    if (!attempt.holds(plain)) return undefined;
    plain.setNoDelay(true);
    if (tls === undefined) return plain;
    const secure = await deno.startTls(plain, { hostname: tls.name, caCerts: [...ca] });
    if (!attempt.holds(secure)) return undefined;
    attempt.handshake = secure.handshake().finally(() => attempt.handshake = undefined);
    await attempt.handshake;
    return secure;
  }

  return (endpoint, handlers) => {
    if (endpoint.tls !== undefined && silent.size > 0) {
      if (silent.size >= MAX_SILENT || silent.has(peerOf(endpoint))) {
        return careful()(endpoint, handlers);
      }
    }
    const attempt = new Attempt();
    open(endpoint, attempt).then((conn) => {
      if (conn === undefined || attempt.over) return;
      attempt.over = true;
      const socket = new DenoSocket(conn, handlers, turns);
      handlers.open(socket);
      socket.start();
    }).catch((error: unknown) => {
      if (attempt.over) return;
      attempt.giveUp();
      handlers.failed(error);
    });
    return () => {
      const { handshake } = attempt;
      if (handshake === undefined) return attempt.giveUp();
      const peer = peerOf(endpoint);
      silent.add(peer);
      attempt.over = true;
      // A handshake that just took too long, or that the caller cancelled, does not count.
      const timer = setTimeout(() => attempt.giveUp(), LATE_MS);
      handshake.then(() => silent.delete(peer), () => {}).finally(() => {
        clearTimeout(timer);
        attempt.giveUp();
      });
    };
  };
}

function peerOf({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}

class Attempt {
  over = false;
  /** Set while connecting. */
  handshake: Promise<unknown> | undefined;
  #conn: Conn | undefined;
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** False if it was cancelled meanwhile. */
  holds(conn: Conn): boolean {
    this.#conn = conn;
    if (this.over) closeConn(conn);
    return !this.over;
  }

  giveUp(): void {
    this.over = true;
    this.#controller.abort();
    if (this.#conn !== undefined) closeConn(this.#conn);
  }
}
