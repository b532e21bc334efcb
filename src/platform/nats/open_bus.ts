/** A connection to NATS with the official client, which is one module on Bun, Deno and Node. Loaded when an address asks for it. */
import type { ConnectionOptions, NatsConnection } from "@nats-io/transport-node";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { formatNatsAddress, formatServer, type NatsAddress } from "../../core/pool/nats_address.ts";
import type { Bus } from "../../nats/bus.ts";
import { loadNats, type NatsModule } from "./packages.ts";

export interface OpenBusOptions {
  /** Shown in the server's monitoring. */
  readonly name: string;
  readonly timeoutMs: number;
  /** What the server refuses: subjects that this user may not use. */
  readonly onProblem?: ((message: string) => void) | undefined;
}

/** After a server is lost, another attempt is made so often. */
const RECONNECT_MS = 250;
/** A silent server is noticed after three of these. */
const PING_MS = 5_000;
/** How long a server may take to read what was published last. */
const CLOSE_MS = 1_000;

/** @throws ConnectorError `package.missing`, `connect.refused`, `connect.forbidden`, `connect.timeout`, `connect.failed`. */
export async function openNats(
  address: NatsAddress,
  options: OpenBusOptions,
): Promise<NatsConnection> {
  const nats = await loadNats();
  try {
    return await nats.connect(await connectionOptions(nats, address, options));
  } catch (error) {
    throw connectFailure(nats, error, address, options.timeoutMs);
  }
}

export async function openBus(address: NatsAddress, options: OpenBusOptions): Promise<Bus> {
  return busOver(await openNats(address, options), options.onProblem);
}

async function connectionOptions(
  nats: NatsModule,
  address: NatsAddress,
  { name, timeoutMs }: OpenBusOptions,
): Promise<ConnectionOptions> {
  const { tls, servers, user, password, token, creds, ca, cert, key } = address;
  const encrypted = tls || ca !== undefined || cert !== undefined;
  return {
    servers: servers.map(formatServer),
    name,
    timeout: timeoutMs,
    maxReconnectAttempts: -1,
    // Credentials that are refused for a while, as when they are being replaced, must not end a runtime's membership for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_MS,
    reconnectJitterTLS: RECONNECT_MS,
    pingInterval: PING_MS,
    ...(user !== undefined && { user, pass: password }),
    ...(token !== undefined && { token }),
    ...(creds !== undefined && { authenticator: nats.credsAuthenticator(await readCreds(creds)) }),
    ...(encrypted && {
      tls: {
        // For an address in place of a name, Deno would expect a certificate for localhost.
        ...(servers.length === 1 && { host: servers[0]?.host }),
        ...(ca !== undefined && { caFile: ca }),
        ...(cert !== undefined && { certFile: cert }),
        ...(key !== undefined && { keyFile: key }),
      },
    }),
  };
}

async function readCreds(path: string): Promise<Uint8Array> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ConnectorError({
      errorClass: ErrorClass.InvalidRequest,
      code: "config.not_readable",
      message: `the NATS credentials ${path} cannot be read: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      origin: "caller",
      cause,
    });
  }
}

/** The cause is left out: its text may repeat what was sent to the server. */
function connectFailure(
  nats: NatsModule,
  error: unknown,
  address: NatsAddress,
  timeoutMs: number,
): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const { AuthorizationError, UserAuthenticationExpiredError, ConnectionError, TimeoutError } =
    nats.errors;
  const refused = error instanceof AuthorizationError ||
    error instanceof UserAuthenticationExpiredError;
  const name = error instanceof Error ? error.name : typeof error;
  const text = error instanceof Error ? error.message : "";
  const [code, why] = refused
    ? ["connect.forbidden", "the server refuses these credentials"]
    : error instanceof TimeoutError || name === "TimeoutError"
    ? ["connect.timeout", `no server answered within ${timeoutMs} ms`]
    : error instanceof ConnectionError && /refused/.test(text)
    ? ["connect.refused", "nothing listens there"]
    : ["connect.failed", text === "" ? name : text];
  return new ConnectorError({
    errorClass: refused ? ErrorClass.Permanent : ErrorClass.Transient,
    code,
    message: `NATS cannot be reached for ${formatNatsAddress(address)}: ${why}`,
    origin: "local",
  });
}

/** What keeps the process alive. The client offers no way to let go of it; without these parts it simply holds on. */
interface Internals {
  readonly protocol?: {
    readonly transport?: { readonly socket?: Holding };
    readonly heartbeats?: { readonly timer?: Holding };
  };
}

interface Holding {
  ref?(): unknown;
  unref?(): unknown;
}

export function busOver(
  nats: NatsConnection,
  onProblem: (message: string) => void = () => {},
): Bus {
  let connected = true;
  let holding = true;
  let maxPayload = nats.info?.max_payload ?? 1024 * 1024;
  const whenConnected = new Set<() => void>();
  const hold = () => {
    const { transport, heartbeats } = (nats as unknown as Internals).protocol ?? {};
    for (const one of [transport?.socket, heartbeats?.timer]) {
      if (holding) one?.ref?.();
      else one?.unref?.();
    }
  };
  const watch = async () => {
    for await (const status of nats.status()) {
      if (status.type === "disconnect") connected = false;
      else if (status.type === "error") onProblem(status.error.message);
      else if (status.type === "ping" && !holding) hold();
      else if (status.type === "reconnect") {
        connected = true;
        maxPayload = nats.info?.max_payload ?? maxPayload;
        hold();
        for (const callback of [...whenConnected]) callback();
      }
    }
  };
  void watch();
  return {
    get maxPayload() {
      return maxPayload;
    },
    get connected() {
      return connected && !nats.isClosed();
    },
    publish(subject, data, reply) {
      if (nats.isClosed() || nats.isDraining()) return;
      nats.publish(subject, data, reply === undefined ? undefined : { reply });
    },
    subscribe(subject, onMessage, queue) {
      const subscription = nats.subscribe(subject, {
        ...(queue !== undefined && { queue }),
        callback(error, message) {
          // Ends the subscription: the user may not have it. `status` tells.
          if (error !== null) return;
          const { data, reply = "" } = message;
          const nobody = data.length === 0 && message.headers?.code === 503;
          onMessage({ subject: message.subject, data, reply, nobody });
        },
      });
      return () => {
        if (!nats.isClosed()) subscription.unsubscribe();
      };
    },
    flush: () => nats.flush(),
    onConnected(callback) {
      whenConnected.add(callback);
      return () => whenConnected.delete(callback);
    },
    onClosed(callback) {
      void nats.closed().then((error) => callback(error instanceof Error ? error : undefined));
    },
    async reconnect() {
      await nats.reconnect().catch(() => {});
    },
    keepAlive(on) {
      holding = on;
      hold();
    },
    async close() {
      if (nats.isClosed()) return;
      // A server that went silent would never answer.
      const late = new Promise<void>((done) => setTimeout(done, CLOSE_MS).unref?.());
      if (connected) await Promise.race([nats.flush().catch(() => {}), late]);
      await nats.close();
    },
  };
}
