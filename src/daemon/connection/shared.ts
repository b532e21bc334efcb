/** What all connections of a daemon share. */
import type { CallSignal } from "../../core/async/call_signal.ts";
import { Soon } from "../../core/async/soon.ts";
import type { CallReply, CallRequest } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, type Sent, toConnectorError } from "../../core/errors.ts";
import { isLater } from "../../core/rules/keep.ts";
import { traced } from "../../telemetry/mod.ts";
import { type ByteBudget, SharedBudget } from "../../wire/mod.ts";
import { type DescriptorShares, shares } from "../listen/descriptors.ts";
import type { ResolvedDaemonOptions } from "../options.ts";
import type { AccessToken } from "./tokens.ts";

/** Executes the calls. `signal` aborts a call, its streamed body included. */
export interface DaemonEngine {
  begin(request: CallRequest, signal: CallSignal): PromiseLike<CallReply>;
  /** Whether it holds a credential for a connector's calls. Default: it holds none. */
  serves?(connector: string): boolean;
  /** Whether it keeps the streamed answer that a call asks for; without a call: any. Default: it keeps none. */
  keeps?(call?: Pick<CallRequest, "tenantId" | "keep">): boolean;
}

/** How often an engine that is replaced is asked whether callers may still come back to it. */
const KEPT_LOOK_MS = 500;
/** So many lines about frames that could not be read are written in a minute. */
const MOST_REFUSED_LOGS = 20;
const REFUSED_LOGS_MS = 60_000;

/** Where the daemon reports to; a LogTape logger is one. Messages and properties never hold URLs, headers or bodies. */
export interface DaemonLog {
  debug(message: string, properties?: Record<string, unknown>): void;
  info(message: string, properties?: Record<string, unknown>): void;
  warn(message: string, properties?: Record<string, unknown>): void;
  error(message: string, properties?: Record<string, unknown>): void;
}

/** One engine and the calls that still use it, so that it can be replaced while they run. */
export class EngineLease {
  readonly engine: DaemonEngine;
  #active = 0;
  #retired: (() => void) | undefined;

  constructor(engine: DaemonEngine) {
    this.engine = engine;
  }

  take(): void {
    this.#active++;
  }

  giveBack(): void {
    this.#active--;
    if (this.#active === 0) this.#retired?.();
  }

  /** Resolves when the last call is over, and nobody may come back to what it keeps. */
  async retire(clock: Clock): Promise<void> {
    while (this.#active > 0 || this.engine.keeps?.() === true) {
      await new Promise<void>((resolve) => {
        if (this.#active > 0) this.#retired = resolve;
        else clock.setTimeout(resolve, KEPT_LOOK_MS);
      });
    }
  }
}

export interface DaemonStats {
  readonly connections: number;
  readonly connectionsTotal: number;
  readonly sessions: number;
  /** Refused because of `maxConnections` or a missing or wrong token. */
  readonly connectionsRefused: number;
  readonly callsActive: number;
  readonly callsTotal: number;
  /** Ended calls by class; any HTTP status counts as Success. */
  readonly callsByClass: readonly number[];
  /** Frames that could not be read. */
  readonly framesRefused: number;
  /** Bytes that all connections hold in memory, and the most that they may. */
  readonly bufferedBytes: number;
  readonly maxBufferedBytes: number;
  /** Connections that were closed, with all their calls, to make room for others that held less. */
  readonly connectionsShed: number;
  /** Calls refused or ended because of a limit that all connections share. */
  readonly callsOverloaded: number;
}

export class SharedState {
  options: ResolvedDaemonOptions;
  readonly clock: Clock;
  readonly log: DaemonLog;
  lease: EngineLease;
  /** Of engines that were replaced and are still in use. */
  readonly #former = new Set<EngineLease>();
  /** Clients should go elsewhere. */
  draining = false;
  /** Clients that stay are refused. */
  refusing = false;
  descriptors: DescriptorShares = shares(undefined);

  connections = 0;
  connectionsTotal = 0;
  sessions = 0;
  connectionsRefused = 0;
  callsActive = 0;
  callsTotal = 0;
  readonly callsByClass: number[] = [0, 0, 0, 0, 0, 0];
  framesRefused = 0;
  #refusedLogs = 0;
  #refusedLogsFrom = -Infinity;
  connectionsShed = 0;
  callsOverloaded = 0;
  readonly buffered: SharedBudget;
  /** Takes calls that are made later; undefined: there is no queue for them. */
  desk: Later | undefined;
  /** Called when the last open call ends. */
  onIdle: (() => void) | undefined;

  constructor(
    options: ResolvedDaemonOptions,
    deps: { engine: DaemonEngine; clock: Clock; log: DaemonLog },
  ) {
    this.options = options;
    this.buffered = new SharedBudget(options.maxBufferedBytes);
    this.clock = deps.clock;
    this.log = deps.log;
    this.lease = new EngineLease(deps.engine);
  }

  /** How many more calls a connection that has `open` of them may start. */
  callsLeft(open: number): number {
    const { maxOpenCalls, maxCalls } = this.options;
    const half = Math.ceil(maxCalls / 2);
    const equalPart = Math.max(1, Math.floor(half / Math.max(1, this.connections)));
    return Math.min(maxOpenCalls - open, Math.max(half - this.callsActive, equalPart - open));
  }

  /** Why a connection that has `open` calls may not start another. */
  refuseCall(open: number): ConnectorError | undefined {
    if (this.refusing) return goingAway();
    if (this.connections + this.callsActive >= this.descriptors.both) {
      return outOfDescriptors(this.callsActive);
    }
    if (open >= this.options.maxOpenCalls) return tooManyCalls(this.options.maxOpenCalls);
    return this.callsLeft(open) > 0 ? undefined : this.overload();
  }

  /** Why a connection with this token may not call as that tenant. */
  refuseTenant(tenantId: string, token: AccessToken | undefined): ConnectorError | undefined {
    if (token !== undefined) {
      const { tenantId: bound = tenantId } = token;
      return bound === tenantId ? undefined : foreignTenant(tenantId);
    }
    return this.options.tokens.some((one) => one.tenantId === tenantId)
      ? tenantNeedsToken(tenantId)
      : undefined;
  }

  /** Why a call may not hold so many bytes more. */
  refuseBytes(budget: ByteBudget, bytes: number, sent: Sent = "no"): ConnectorError | undefined {
    const limit = budget.exceededBy(bytes);
    if (limit === undefined) return undefined;
    return limit === "process"
      ? this.overload(sent)
      : tooManyBytes(this.options.maxHeldBytes, sent);
  }

  /** Whether frames that could not be read are worth a line: nor must a client fill the log that connects again and again. */
  logsRefused(): boolean {
    const now = this.clock.monotonic();
    if (now - this.#refusedLogsFrom >= REFUSED_LOGS_MS) {
      this.#refusedLogsFrom = now;
      this.#refusedLogs = 0;
    }
    return ++this.#refusedLogs <= MOST_REFUSED_LOGS;
  }

  /** Counts a call refused because of a limit that all connections share. */
  overload(sent: Sent = "no"): ConnectorError {
    this.callsOverloaded++;
    return overloaded(sent);
  }

  /** New calls go to `engine`, and those that come back for an answer to whichever keeps it. */
  async useEngine(engine: DaemonEngine): Promise<void> {
    const before = this.lease;
    this.lease = new EngineLease(engine);
    this.#former.add(before);
    await before.retire(this.clock);
    this.#former.delete(before);
  }

  /** Every call is ended exactly once, with the lease it started with. */
  begin(call?: Pick<CallRequest, "tenantId" | "keep">): EngineLease {
    this.callsActive++;
    this.callsTotal++;
    const lease = isLater(call?.keep) ? this.#keeperOf(call) : this.lease;
    lease.take();
    return lease;
  }

  #keeperOf(call: Pick<CallRequest, "tenantId" | "keep"> | undefined): EngineLease {
    for (const former of this.#former) if (former.engine.keeps?.(call) === true) return former;
    return this.lease;
  }

  end(lease: EngineLease, errorClass: ErrorClass): void {
    this.callsActive--;
    this.callsByClass[errorClass] = (this.callsByClass[errorClass] ?? 0) + 1;
    lease.giveBack();
    if (this.callsActive === 0) this.onIdle?.();
  }

  stats(): DaemonStats {
    return {
      connections: this.connections,
      connectionsTotal: this.connectionsTotal,
      sessions: this.sessions,
      connectionsRefused: this.connectionsRefused,
      callsActive: this.callsActive,
      callsTotal: this.callsTotal,
      callsByClass: [...this.callsByClass],
      framesRefused: this.framesRefused,
      bufferedBytes: this.buffered.held,
      maxBufferedBytes: this.buffered.limit,
      connectionsShed: this.connectionsShed,
      callsOverloaded: this.callsOverloaded,
    };
  }
}

/** Takes calls whose URL says that they are made later. */
export interface Later {
  begin(request: CallRequest, signal: CallSignal): PromiseLike<CallReply>;
}

/** Passes a call to the engine; an engine that throws instead of rejecting fails only that call. */
export function execute(
  lease: EngineLease,
  request: CallRequest,
  signal: CallSignal,
): PromiseLike<CallReply> {
  try {
    return traced("server", request, (call) => lease.engine.begin(call, signal));
  } catch (error) {
    return Soon.rejected(toConnectorError(error));
  }
}

/** What an open call costs besides the bytes that it holds. */
export const CALL_BYTES: number = 1024;

export function overloaded(sent: Sent = "no"): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "runtime.overloaded",
    message: "all connections together hold as many calls or bytes as this runtime allows, " +
      "and this one at least its share; wait for answers, and read them",
    sent,
  });
}

function outOfDescriptors(calls: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "descriptors.exhausted",
    message: `the runtime has reached its limit of open files with ${calls} calls open; ` +
      "raise it (ulimit -n, LimitNOFILE), or wait for answers",
  });
}

export function goingAway(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connection.going_away",
    message: "the runtime is stopping and takes no new calls; open another connection",
  });
}

function tooManyCalls(limit: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "connection.too_many_calls",
    message: `${limit} calls are open on this connection, which is the limit; wait for answers`,
  });
}

function tooManyBytes(limit: number, sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "connection.too_many_calls",
    message: `the calls that are open on this connection hold ${limit} bytes of bodies, ` +
      "which is the limit; wait for answers",
    sent,
  });
}

function foreignTenant(named: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "tenant.mismatch",
    message: `the call names the tenant ${JSON.stringify(named.slice(0, 60))}, ` +
      "but the connection's token belongs to another one",
    origin: "caller",
  });
}

function tenantNeedsToken(named: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "tenant.token_required",
    message: `the tenant ${JSON.stringify(named.slice(0, 60))} has a token of its own: ` +
      "only connections that present it may call in its name",
    origin: "caller",
  });
}

export function disconnected(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "the client closed its connection",
    origin: "caller",
  });
}

export function cancelledByClient(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "The caller cancelled the call",
    origin: "caller",
  });
}
