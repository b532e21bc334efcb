/** Connections to upstreams over Deno's own sockets: faster than its node:net, and TLS that says why it failed. */
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

/** Peers that left a handshake unfinished, of which so many are told apart. */
const MAX_SILENT = 1_000;
/** How long a handshake that was given up may take to end after all. */
const LATE_MS = 5_000;

/**
 * @param ca certificates that are trusted besides the well-known ones.
 * @param careful another way to connect with TLS, for peers that do not finish the handshake: Deno keeps such a connection
 *   open, also when it is closed, until the peer closes it.
 */
export function createDial(deno: DenoNet, ca: readonly string[], careful: () => Dial): Dial {
  const silent = new Set<string>();
  // A real pause: without one, Deno looks for other sockets that are ready only every sixty-first time.
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
      // One that only took too long, or was given up by its caller, is no reason for care.
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
  /** While one is under way. */
  handshake: Promise<unknown> | undefined;
  #conn: Conn | undefined;
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** False when it was given up meanwhile. */
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
