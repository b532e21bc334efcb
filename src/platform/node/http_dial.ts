/** Connections to upstreams over node:net and node:tls. */
import type { Socket } from "node:net";
import type { Dial, DialHandlers, HttpSocket } from "../../http1/dial.ts";
import type { Endpoint } from "../../http1/target.ts";
import { Deliveries } from "../shared/deliveries.ts";
import { TlsSessions } from "../shared/tls_sessions.ts";
import { type Reading, Turns } from "../shared/turns.ts";

type Net = typeof import("node:net");
type Tls = typeof import("node:tls");

/** @param ca certificates to trust instead of the well-known ones; undefined: the well-known ones. */
export function createDial(net: Net, tls: Tls, ca: readonly string[] | undefined): Dial {
  // Created once: the well-known authorities are not parsed again for every connection.
  const secureContext = tls.createSecureContext(ca === undefined ? {} : { ca: [...ca] });
  const turns = new Turns(setImmediate);
  const deliveries = new Deliveries(setImmediate);
  const sessions = new TlsSessions();

  function secure(endpoint: Endpoint): Socket {
    const { host, port, tls: peer } = endpoint;
    const session = sessions.get(endpoint);
    const socket = tls.connect({
      host,
      port,
      secureContext,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
      // A certificate is checked against this name; an address is checked as an address and sends no name.
      servername: peer === undefined || peer.isIp ? "" : peer.name,
      ...(session === undefined ? {} : { session: session as Buffer }),
    });
    // Before TLS 1.3 a session arrives before the certificate is checked.
    let made: Uint8Array | undefined;
    const keep = (): void => {
      if (made !== undefined && socket.authorized) sessions.set(endpoint, made);
    };
    socket.on("session", (session: Uint8Array) => {
      made = session;
      keep();
    });
    socket.once("secureConnect", keep);
    return socket;
  }

  return (endpoint, handlers) => {
    const socket = endpoint.tls === undefined
      ? net.connect({ host: endpoint.host, port: endpoint.port })
      : secure(endpoint);
    return attach(
      socket,
      endpoint.tls === undefined ? "connect" : "secureConnect",
      handlers,
      turns,
      deliveries,
    );
  };
}

function attach(
  socket: Socket,
  ready: "connect" | "secureConnect",
  handlers: DialHandlers,
  turns: Turns,
  deliveries: Deliveries,
): () => void {
  let held = false;
  const hold = (on: boolean): void => {
    if (held === on) return;
    held = on;
    deliveries.use(on ? 1 : -1);
  };
  let state: "connecting" | "open" | "over" = "connecting";
  let failure: Error | undefined;
  socket.once(ready, () => {
    if (state !== "connecting") return;
    state = "open";
    socket.setNoDelay(true);
    hold(true);
    handlers.open(socketOf(socket, reading, hold));
  });
  const reading = turns.reading(socket);
  socket.on("data", (bytes: Uint8Array) => {
    // Plain bytes, not a Buffer, whose methods behave differently.
    deliveries.hand(handlers, new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    reading.took(bytes.byteLength);
  });
  socket.on("drain", () => {
    if (state === "open") handlers.drain();
  });
  socket.on("error", (error: Error) => {
    failure = error;
  });
  socket.on("close", () => {
    const before = state;
    deliveries.flush();
    hold(false);
    state = "over";
    reading.close();
    if (before === "open") handlers.close(failure);
    else if (before === "connecting") {
      handlers.failed(failure ?? new Error("connection closed during the TLS handshake"));
    }
  });
  return () => {
    state = "over";
    socket.destroy();
  };
}

function socketOf(socket: Socket, reading: Reading, hold: (on: boolean) => void): HttpSocket {
  return {
    // node:net takes everything and asks for a pause by returning false: until it drains, nothing more is taken.
    write(bytes) {
      if (socket.destroyed || socket.writableNeedDrain) return 0;
      socket.write(bytes);
      return bytes.byteLength;
    },
    pause: () => reading.pause(),
    resume: () => reading.resume(),
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
    keepAlive(on) {
      hold(on);
      if (on) socket.ref();
      else socket.unref();
    },
    flushed: () => socket.writableLength === 0,
  };
}
