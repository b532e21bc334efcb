/** The transport to a daemon: one connection for all calls, opened on the first and reopened when lost. */
import type { CallReply, CallRequest, Health, JobResult, Transport } from "../core/call.ts";
import { decodeResult } from "../nats/jobs/record.ts";
import { type ConnectorError, ErrorClass, toConnectorError } from "../core/errors.ts";
import type { DaemonConnection, Platform, SocketAddress } from "../core/platform.ts";
import { cancelled, within } from "../core/async/within.ts";
import { formatAddress } from "./address.ts";
import { ClientBase } from "./base/client_base.ts";
import type { RuntimeConnection } from "./connection.ts";
import { clientClosed, timedOut } from "./failures.ts";
import { handshake } from "./handshake.ts";
import { Link } from "./link.ts";
import { ClientSession } from "./session/client_session.ts";

export interface SocketTransportOptions extends DaemonConnection {
  readonly platform: Platform;
}

export class SocketTransport implements Transport {
  readonly #address: SocketAddress;
  readonly #options: SocketTransportOptions;
  readonly #closing = new AbortController();
  /** New calls go here. */
  #current: RuntimeConnection | undefined;
  /** All connections that may still have open calls, including those that new calls no longer use. */
  readonly #connections = new Set<RuntimeConnection>();
  #connecting: Promise<RuntimeConnection> | undefined;
  #protocol: Transport["protocol"] = "unconnected";

  constructor(address: SocketAddress, options: SocketTransportOptions) {
    this.#address = address;
    this.#options = options;
  }

  get address(): string {
    return formatAddress(this.#address);
  }

  /** The last known protocol: kept while the connection is reopened. */
  get protocol(): Transport["protocol"] {
    return this.#protocol;
  }

  async connect(): Promise<void> {
    await this.#connection();
  }

  call(request: CallRequest): Promise<CallReply> {
    const current = this.#current;
    return current !== undefined && current.usable
      ? current.call(request)
      : this.#connectAndCall(request);
  }

  readJobResult(bytes: Uint8Array): JobResult {
    return decodeResult(bytes);
  }

  async health(): Promise<Health> {
    return await (await this.#connection()).health();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const error = clientClosed();
    this.#closing.abort(error);
    for (const connection of [...this.#connections]) connection.close(error);
    await this.#connecting?.catch(() => {});
  }

  /** The call's own limits apply while it waits for the connection. */
  async #connectAndCall(request: CallRequest): Promise<CallReply> {
    if (request.signal?.aborted) throw cancelled(request.signal, "no");
    const { clock } = this.#options;
    const { signal, timeoutMs } = request;
    const startedAt = clock.monotonic();
    const connection = await within(this.#connection(), {
      clock,
      signal,
      timeoutMs,
      late: () => timedOut(timeoutMs, this.address, "no"),
    });
    const left = timeoutMs - (clock.monotonic() - startedAt);
    return await connection.call({ ...request, timeoutMs: Math.max(1, left) });
  }

  #connection(): Promise<RuntimeConnection> {
    if (this.#closing.signal.aborted) return Promise.reject(clientClosed());
    if (this.#current?.usable) return Promise.resolve(this.#current);
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<RuntimeConnection> {
    const { clock, token, connectTimeoutMs } = this.#options;
    const link = await this.#dial();
    const onClose = () => link.fail(clientClosed());
    const closing = this.#closing.signal;
    closing.addEventListener("abort", onClose, { once: true });
    const slot: { connection?: RuntimeConnection } = {};
    const onUnusable = () => this.#drop(slot.connection, link.failure !== undefined);
    const connection = await handshake(
      link,
      { clock, token, timeoutMs: connectTimeoutMs },
      (answer) => {
        slot.connection = answer === "base"
          ? new ClientBase(link, { clock, onUnusable })
          : new ClientSession(link, answer, {
            clock,
            onUnusable,
            elsewhere: (request) => this.call(request),
          });
        return slot.connection;
      },
    ).finally(() => closing.removeEventListener("abort", onClose));
    if (closing.aborted) {
      onClose();
      throw clientClosed();
    }
    this.#protocol = connection.protocol;
    // The runtime greeted with a GoAway: another one now serves there.
    if (connection.leaving) return connection;
    if (!connection.usable) throw link.failure ?? clientClosed();
    this.#connections.add(connection);
    this.#current = connection;
    return connection;
  }

  async #dial(): Promise<Link> {
    const { platform, fallback, connectTimeoutMs } = this.#options;
    const options = { timeoutMs: connectTimeoutMs, signal: this.#closing.signal };
    try {
      return await Link.dial(platform, this.#address, options);
    } catch (error) {
      const first = this.#failure(error);
      if (fallback === undefined || this.#closing.signal.aborted) throw first;
      // The failure of the requested address is the one that explains things.
      return await Link.dial(platform, fallback, options).catch(() => Promise.reject(first));
    }
  }

  #failure(error: unknown): ConnectorError {
    return this.#closing.signal.aborted
      ? clientClosed()
      : toConnectorError(error, { errorClass: ErrorClass.Transient, code: "connect.failed" });
  }

  #drop(connection: RuntimeConnection | undefined, gone: boolean): void {
    if (connection === undefined) return;
    if (this.#current === connection) this.#current = undefined;
    if (gone) this.#connections.delete(connection);
  }
}
