/** The daemon: listeners, connections and how they come and go. */
import { type Clock, systemClock } from "../core/clock.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { ByteSocket, SocketAddress, SocketHandlers } from "../core/platform.ts";
import type { Placement } from "../nats/placement.ts";
import { Connection } from "./connection/connection.ts";
import {
  type DaemonEngine,
  type DaemonLog,
  type DaemonStats,
  disconnected,
  SharedState,
} from "./connection/shared.ts";
import { shares } from "./listen/descriptors.ts";
import { formatAddress, type Listen, type Listener } from "./listen/listener.ts";
import {
  type DaemonOptions,
  type JoinOptions,
  needsToken,
  resolveDaemonOptions,
} from "./options.ts";
import type { AccessToken } from "./connection/tokens.ts";
import type { Join, PoolFigures } from "./membership.ts";
import { PoolPlace } from "./pool_place.ts";

export interface DaemonDeps {
  /** Executes the calls. Not closed by the daemon. */
  readonly engine: DaemonEngine;
  readonly listen: Listen;
  /** Joins the pool of the options. Needed only for those that name one. */
  readonly join?: Join;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: nothing is logged. */
  readonly log?: DaemonLog;
  /** How many more files the process may open, asked once it listens. Default: unknown, sets no limit. */
  readonly descriptorsLeft?: () => number | undefined;
}

export type DaemonState = "new" | "ready" | "draining" | "stopped";

export interface DrainResult {
  /** Calls that were open at the limit and were cancelled. */
  readonly cancelled: number;
}

export interface Daemon {
  readonly state: DaemonState;
  /** Opens all listeners, or none. Rejects with the first listener's error, or `runtime.stopping` if stopped meanwhile. */
  start(): Promise<void>;
  /**
   * Takes no new connections and calls, lets open calls finish for at most `limitMs`, then cancels the rest, which get a
   * Transient error, and stops. Idempotent.
   */
  drain(limitMs: number): Promise<DrainResult>;
  /**
   * Another process now serves at these addresses: remaining clients are served until they leave, and sessions are told to leave.
   * After `limitMs` it ends like a drain. Idempotent.
   */
  handOver(limitMs: number): Promise<DrainResult>;
  /** Closes everything at once. Idempotent. */
  stop(): Promise<void>;
  stats(): DaemonStats;
  /** The addresses listened on, with the ports that were actually taken. */
  readonly addresses: readonly SocketAddress[];
  /** What it knows of the pool that it joins. */
  readonly pool: PoolFigures | undefined;
  /** New calls go to `engine`; resolves when the calls of the previous one, and what it keeps, are over, so that it can be closed. */
  useEngine(engine: DaemonEngine): Promise<void>;
  /** For sessions opened from now on. @throws ConnectorError if a listener needs a token and none is left. */
  useTokens(tokens: readonly AccessToken[]): void;
}

/** @throws ConnectorError `config.option`, `listen.token_required`. */
export function createDaemon(options: DaemonOptions, deps: DaemonDeps): Daemon {
  return new SocketDaemon(options, deps);
}

const SILENT: DaemonLog = { debug() {}, info() {}, warn() {}, error() {} };
/** Clients that got a GoAway close their connections themselves, given a moment. */
const FAREWELL_MS = 250;
/** Shortest time between log records of refused connections: a client that reconnects in a loop must not fill the log. */
const REFUSED_LOG_MS = 60_000;
/** A client that connected before the addresses were taken over may still be waiting to be accepted: closing would reject it. */
const ACCEPT_MS = 250;
/** Time for clients to read what is queued. */
const FLUSH_MS = 2_000;

class SocketDaemon implements Daemon {
  state: DaemonState = "new";
  readonly #context: SharedState;
  readonly #listen: Listen;
  readonly #descriptorsLeft: (() => number | undefined) | undefined;
  readonly #listeners: Listener[] = [];
  readonly #place: PoolPlace | undefined;
  readonly #connections = new Set<Connection>();
  #draining: Promise<DrainResult> | undefined;
  #stopping: Promise<void> | undefined;
  /** Ends the wait of a drain. */
  #hurry: (() => void) | undefined;
  /** Called when the last connection is gone. */
  #onEmpty: (() => void) | undefined;
  #refusedLoggedAt = -Infinity;

  constructor(options: DaemonOptions, deps: DaemonDeps) {
    this.#listen = deps.listen;
    this.#descriptorsLeft = deps.descriptorsLeft;
    this.#context = new SharedState(resolveDaemonOptions(options), {
      engine: deps.engine,
      clock: deps.clock ?? systemClock,
      log: deps.log ?? SILENT,
    });
    this.#place = this.#placeIn(this.#context.options.join, deps.join);
  }

  #placeIn(options: JoinOptions | undefined, join: Join | undefined): PoolPlace | undefined {
    if (options === undefined) return undefined;
    if (join === undefined) throw new TypeError("the daemon has nothing to join a pool with");
    const context = this.#context;
    return new PoolPlace({
      join,
      options,
      context,
      startedAt: context.clock.now(),
      draining: () => this.state !== "ready",
      accept: (socket, listener, tokenRequired, only) =>
        this.#accept(socket, listener, tokenRequired, only),
    });
  }

  get addresses(): readonly SocketAddress[] {
    return this.#listeners.map((listener) => listener.address);
  }

  stats(): DaemonStats {
    return this.#context.stats();
  }

  async start(): Promise<void> {
    if (this.state === "stopped") throw stopping();
    if (this.state !== "new") {
      throw new TypeError(`the daemon is ${this.state}; it can be started only once`);
    }
    this.state = "ready";
    try {
      for (const address of this.#context.options.listen) {
        const tokenRequired = needsToken(address);
        const name = formatAddress(address);
        const listener = await this.#listen(
          address,
          (socket) => this.#accept(socket, name, tokenRequired),
        );
        this.#listeners.push(listener);
        if (this.state !== "ready") {
          // Stopped in the meantime, before this one could be closed with the others.
          await listener.close();
          throw stopping();
        }
      }
      // Last, so that nobody is sent here before everything is ready.
      await this.#place?.take();
      if (this.state !== "ready") throw stopping();
      this.#context.descriptors = shares(this.#descriptorsLeft?.());
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get pool(): PoolFigures | undefined {
    return this.#place?.figures();
  }

  drain(limitMs: number): Promise<DrainResult> {
    return this.#draining ??= this.#drain(limitMs, true);
  }

  handOver(limitMs: number): Promise<DrainResult> {
    return this.#draining ??= this.#drain(limitMs, false);
  }

  stop(): Promise<void> {
    this.#hurry?.();
    return this.#stopping ??= this.#stop();
  }

  useEngine(engine: DaemonEngine): Promise<void> {
    return this.#context.useEngine(engine);
  }

  useTokens(tokens: readonly AccessToken[]): void {
    this.#context.options = resolveDaemonOptions({ ...this.#context.options, tokens });
  }

  #accept(
    socket: ByteSocket,
    listener: string,
    tokenRequired: boolean,
    only?: Placement,
  ): SocketHandlers {
    const context = this.#context;
    const full = this.#full();
    const closed = this.state !== "ready" && (this.state !== "draining" || context.refusing);
    if (full !== undefined || closed) {
      if (full !== undefined) this.#noteRefused(listener, full);
      socket.destroy();
      return IGNORE;
    }
    const connection = new Connection(socket, {
      context,
      listener,
      tokenRequired,
      only,
      onClosed: (closed) => {
        this.#connections.delete(closed);
        context.connections--;
        if (this.#connections.size === 0) this.#onEmpty?.();
      },
    });
    this.#connections.add(connection);
    context.connections++;
    context.connectionsTotal++;
    return connection;
  }

  /** The limit that refuses another connection. Accepting and closing one costs less than letting it wait for a descriptor. */
  #full(): string | undefined {
    const { options, descriptors, callsActive } = this.#context;
    const open = this.#connections.size;
    if (open >= options.maxConnections) return "maxConnections";
    return open >= descriptors.connections || open + callsActive >= descriptors.both
      ? "the limit of open files (ulimit -n, LimitNOFILE)"
      : undefined;
  }

  #noteRefused(listener: string, limit: string): void {
    const context = this.#context;
    context.connectionsRefused++;
    const now = context.clock.monotonic();
    if (now - this.#refusedLoggedAt < REFUSED_LOG_MS) return;
    this.#refusedLoggedAt = now;
    context.log.warn(
      "connections on {listener} are refused: {open} are open, and {limit} allows no more",
      {
        listener,
        open: this.#connections.size,
        limit,
      },
    );
  }

  async #drain(limitMs: number, refusing: boolean): Promise<DrainResult> {
    if (this.state !== "ready") {
      await this.stop();
      return { cancelled: 0 };
    }
    this.state = "draining";
    const context = this.#context;
    context.refusing = refusing;
    // A client sent away before the addresses are taken over might come back here.
    if (!refusing) await this.#until(ACCEPT_MS, () => {});
    const closing = this.#closeListeners();
    if (!refusing) await closing;
    context.draining = true;
    for (const connection of this.#connections) connection.goAway();
    if (!refusing) {
      await this.#untilEmpty(limitMs);
      context.refusing = true;
    } else if (context.callsActive > 0) {
      await this.#until(limitMs, (done) => context.onIdle = done);
      context.onIdle = undefined;
    }
    const cancelled = context.callsActive;
    for (const connection of this.#connections) connection.abortCalls(stopping());
    this.#place?.abort(stopping());
    await this.#untilEmpty(FAREWELL_MS);
    for (const connection of [...this.#connections]) connection.end();
    await this.#untilEmpty(FLUSH_MS);
    await closing;
    await this.stop();
    return { cancelled };
  }

  async #untilEmpty(ms: number): Promise<void> {
    if (this.#connections.size > 0) await this.#until(ms, (done) => this.#onEmpty = done);
    this.#onEmpty = undefined;
  }

  /** Waits for `done`, `ms` or a `stop()`, whichever comes first. */
  async #until(ms: number, arrange: (done: () => void) => void): Promise<void> {
    const { clock } = this.#context;
    let timer: unknown;
    await new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, ms);
      this.#hurry = resolve;
      arrange(resolve);
    });
    this.#hurry = undefined;
    clock.clearTimeout(timer);
  }

  async #stop(): Promise<void> {
    this.state = "stopped";
    const closing = this.#closeListeners();
    for (const connection of [...this.#connections]) connection.destroy(disconnected());
    this.#place?.abort(stopping());
    await closing;
    await this.#place?.close();
  }

  async #closeListeners(): Promise<void> {
    const left = this.#place?.leaveCalls();
    for (const listener of this.#listeners) {
      await listener.close().catch((error: unknown) => {
        this.#context.log.error("{address} was not closed cleanly: {error}", {
          address: formatAddress(listener.address),
          error,
        });
      });
    }
    await left;
  }
}

const IGNORE: SocketHandlers = { data() {}, drain() {}, close() {} };

function stopping(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "runtime.stopping",
    message: "the runtime stopped before the call was over",
    sent: "maybe",
  });
}
