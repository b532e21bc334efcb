/** Connections to upstreams over Bun.connect, plain and with TLS. */
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import type { Dial, DialHandlers } from "../../http1/dial.ts";
import type { Endpoint } from "../../http1/target.ts";
import { Deliveries } from "../shared/deliveries.ts";
import { TlsSessions } from "../shared/tls_sessions.ts";
import { type Reading, Turns } from "../shared/turns.ts";

/** @param ca certificates to trust instead of the well-known ones; undefined: the well-known ones. */
export function createDial(ca: readonly string[] | undefined): Dial {
  const turns = new Turns(setImmediate);
  const deliveries = new Deliveries(setImmediate);
  const sessions = new TlsSessions();
  return (endpoint, handlers) => {
    const { host: hostname, port, tls } = endpoint;
    const data = new Attempt(endpoint, handlers, { turns, deliveries, sessions });
    const opening = tls === undefined
      ? Bun.connect({ hostname, port, data, socket: PLAIN })
      : Bun.connect({ hostname, port, data, tls: tlsOf(tls, ca), socket: SECURE });
    opening.catch((error: unknown) => data.fail(error));
    return () => data.giveUp();
  };
}

function tlsOf(tls: NonNullable<Endpoint["tls"]>, ca: readonly string[] | undefined) {
  return {
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    rejectUnauthorized: true,
    // A certificate is checked against this name, or against the address that is connected to.
    ...(tls.isIp ? {} : { serverName: tls.name }),
    ...(ca === undefined ? {} : { ca: [...ca] }),
  };
}

/** One set for all sockets: of a thousand of them, each has its data only. */
const PLAIN: Bun.SocketHandler<Attempt> = {
  // Its type says that it can only be what it is by default.
  binaryType: "uint8array" as "buffer",
  open: (raw) => raw.data.connected(raw),
  data: (raw, bytes) => raw.data.data(bytes),
  drain: (raw) => raw.data.drain(),
  error: (raw, error) => raw.data.failing(error),
  // HTTP cannot use a half-open connection.
  end: (raw) => void raw.end(),
  close: (raw, error) => raw.data.close(error),
  connectError: (raw, error) => raw.data.fail(error),
};

const SECURE: Bun.SocketHandler<Attempt> = {
  ...PLAIN,
  handshake: (raw, ok, error) => raw.data.secured(ok, error),
};

interface Shared {
  readonly turns: Turns;
  readonly deliveries: Deliveries;
  readonly sessions: TlsSessions;
}

class Attempt {
  #raw: Bun.Socket<Attempt> | undefined;
  #state: "connecting" | "open" | "over" = "connecting";
  #error: Error | undefined;
  #reading: Reading | undefined;
  /** With TLS, until a session was looked up. */
  #withoutSession: boolean;
  readonly #endpoint: Endpoint;
  readonly #handlers: DialHandlers;
  /** Whether it is in use, so that others may wait for it. */
  #held = false;
  readonly #shared: Shared;

  constructor(endpoint: Endpoint, handlers: DialHandlers, shared: Shared) {
    this.#endpoint = endpoint;
    this.#handlers = handlers;
    this.#shared = shared;
    this.#withoutSession = endpoint.tls !== undefined;
  }

  connected(raw: Bun.Socket<Attempt>): void {
    if (this.#state === "over") return void raw.terminate();
    this.#raw = raw;
    raw.setNoDelay(true);
    if (this.#endpoint.tls === undefined) return this.#open(raw);
    const session = this.#shared.sessions.get(this.#endpoint);
    if (session !== undefined) raw.setSession(session as Buffer);
  }

  secured(ok: boolean, error: Error | null): void {
    if (this.#state !== "connecting" || this.#raw === undefined) return;
    if (ok && error === null) return this.#open(this.#raw);
    this.fail(error ?? new Error("the TLS handshake failed"));
  }

  data(bytes: Uint8Array): void {
    if (this.#withoutSession) this.#keepSession();
    this.#shared.deliveries.hand(this.#handlers, bytes);
    this.#reading?.took(bytes.byteLength);
  }

  drain(): void {
    if (this.#state === "open") this.#handlers.drain();
  }

  /** Called before the close that follows. */
  failing(error: Error): void {
    this.#error = error;
  }

  close(error: Error | undefined): void {
    const reason = error ?? this.#error;
    if (this.#state === "connecting") {
      return this.fail(reason ?? new Error("connection closed during the TLS handshake"));
    }
    if (this.#state !== "open") return;
    this.#shared.deliveries.flush();
    this.#state = "over";
    this.#hold(false);
    this.#reading?.close();
    this.#handlers.close(reason);
  }

  fail(error: unknown): void {
    if (this.#state !== "connecting") return;
    this.giveUp();
    this.#handlers.failed(withoutDescriptors() ?? error);
  }

  giveUp(): void {
    this.#state = "over";
    this.#raw?.terminate();
  }

  /** Tickets follow the handshake, so they have arrived by the first bytes. */
  #keepSession(): void {
    this.#withoutSession = false;
    const raw = this.#raw;
    // A resumed session may have no ticket, and then cannot be resumed again.
    if (this.#state !== "open" || raw?.getTLSTicket() === undefined) return;
    const session: unknown = raw.getSession();
    if (session instanceof Uint8Array) this.#shared.sessions.set(this.#endpoint, session);
  }

  #open(raw: Bun.Socket<Attempt>): void {
    this.#state = "open";
    const reading = this.#shared.turns.reading(raw);
    this.#reading = reading;
    this.#hold(true);
    this.#handlers.open({
      // -1 if the socket is closed: nothing was taken, and `close` follows or already came.
      write: (bytes) => Math.max(0, raw.write(bytes)),
      pause: () => reading.pause(),
      resume: () => reading.resume(),
      end: () => void raw.end(),
      destroy: () => void raw.terminate(),
      keepAlive: (on) => {
        this.#hold(on);
        if (on) raw.ref();
        else raw.unref();
      },
    });
  }

  #hold(on: boolean): void {
    if (this.#held === on) return;
    this.#held = on;
    this.#shared.deliveries.use(on ? 1 : -1);
  }
}

/** Bun also says "refused" if the process has no file descriptor left to connect with. */
function withoutDescriptors(): unknown {
  try {
    closeSync(openSync(devNull, "r"));
    return undefined;
  } catch (error) {
    return error;
  }
}
