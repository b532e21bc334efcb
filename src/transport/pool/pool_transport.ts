/** The transport to a pool: a session with each of several members, and every call goes to the one with least to do. */
import type { CallReply, CallRequest, Health, JobResult, Transport } from "../../core/call.ts";
import { decodeResult } from "../../nats/jobs/record.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import { formatNatsAddress, type NatsAddress } from "../../core/pool/nats_address.ts";
import type { DaemonConnection } from "../../core/platform.ts";
import { isLater, streamGone } from "../../core/rules/keep.ts";
import { cancelled, within } from "../../core/async/within.ts";
import type { Bus } from "../../nats/bus.ts";
import { type Placed, takes, takesAnything } from "../../nats/placement.ts";
import { type MemberInfo, readNews } from "../../nats/presence.ts";
import { type Subjects, subjectsOf } from "../../nats/subjects.ts";
import { NobodyThere } from "../../nats/virtual_socket.ts";
import { clientClosed, noMember, timedOut } from "../failures.ts";
import { ClientSockets } from "./client_sockets.ts";
import { KeptAt } from "./kept_at.ts";
import { PoolSession } from "./pool_session.ts";

export interface PoolTransportOptions extends DaemonConnection {
  readonly openBus: () => Promise<Bus>;
}

/** With more members, each client uses so many of them; together clients use all. */
const MOST_SESSIONS = 8;
/** A member that does not answer within this is passed over. */
const OPEN_MS = 1_000;
/** Members that are about to reconnect are waited for so long, in so many steps. */
const PATIENCE_MS = 1_000;
const STEP_MS = 100;
/** New members are asked for every so many beats. */
const LIST_BEATS = 5;
/** Without calls for so many beats, the client disconnects; the next call connects again. */
const IDLE_BEATS = 60;

export class PoolTransport implements Transport {
  readonly address: string;
  readonly #options: PoolTransportOptions;
  readonly #subjects: Subjects;
  readonly #sockets: ClientSockets;
  readonly #closing = new AbortController();
  /** New calls go here, by member. */
  readonly #sessions = new Map<string, PoolSession>();
  /** All that may have open calls, including those that new calls no longer use. */
  readonly #all = new Set<PoolSession>();
  /** Members that were told of, by id. */
  #known = new Map<string, MemberInfo>();
  readonly #opening = new Map<string, Promise<PoolSession>>();
  readonly #kept = new KeptAt();
  #beats = 0;
  #idle = 0;
  #protocol: Transport["protocol"] = "unconnected";

  constructor(address: NatsAddress, options: PoolTransportOptions) {
    this.address = formatNatsAddress(address);
    this.#options = options;
    this.#subjects = subjectsOf(address.pool, address.user);
    this.#sockets = new ClientSockets({
      clock: options.clock,
      subjects: this.#subjects,
      openBus: options.openBus,
      onList: (payload) => this.#listed(readNews(payload).members, true),
      onBeat: () => this.#beat(),
    });
  }

  get protocol(): Transport["protocol"] {
    return this.#protocol;
  }

  /** Names of the members that new calls may go to. */
  get members(): readonly string[] {
    return [...this.#sessions.values()].map(({ member }) => member.name);
  }

  async connect(): Promise<void> {
    if (this.#sessions.size === 0) await this.#openAny();
  }

  call(request: CallRequest): Promise<CallReply> {
    this.#idle = 0;
    const { keep } = request;
    const session = isLater(keep) ? this.#keeper(keep!.id) : this.#choose(request);
    if (session === "gone") return Promise.reject(streamGone());
    if (session === undefined) return this.#openAndCall(request);
    if (keep !== undefined) this.#kept.note(keep.id, session.member.id);
    return session.connection.call(request);
  }

  readJobResult(bytes: Uint8Array): JobResult {
    return decodeResult(bytes);
  }

  async health(): Promise<Health> {
    const [session] = this.#sessions.values();
    return await (session ?? await this.#openAny()).connection.health();
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const error = clientClosed();
    this.#closing.abort(error);
    for (const { connection } of [...this.#all]) connection.close(error);
    await Promise.allSettled(this.#opening.values());
    // As a socket's, its end is not waited for: calls that ended now may have their handlers attached after this.
    void this.#sockets.close();
  }

  // --- where a call goes

  /** Undefined if a session must be opened first. */
  #choose(call: Placed): PoolSession | undefined {
    const own = this.#best((member) => !takesAnything(member.only) && takes(member.only, call));
    // Members for such calls alone go before those that take everything.
    if (own !== undefined || this.#dedicated(call) !== undefined) return own;
    return this.#best((member) => takesAnything(member.only));
  }

  /** The one with least to do; of several, any. */
  #best(fits: (member: MemberInfo) => boolean): PoolSession | undefined {
    const sessions = [...this.#sessions.values()];
    const start = Math.floor(Math.random() * sessions.length);
    let best: PoolSession | undefined;
    for (let at = 0; at < sessions.length; at++) {
      const session = sessions[(start + at) % sessions.length]!;
      if (!session.connection.usable || session.member.draining || !fits(session.member)) continue;
      if (best === undefined || session.load < best.load) best = session;
    }
    return best;
  }

  /** A member for such calls alone to which there is no session yet. */
  #dedicated(call: Placed): MemberInfo | undefined {
    for (const member of this.#known.values()) {
      if (member.draining || takesAnything(member.only) || !takes(member.only, call)) continue;
      if (!this.#sessions.has(member.id)) return member;
    }
    return undefined;
  }

  /** Only the member that has a kept answer can go on with it. */
  #keeper(id: string): PoolSession | undefined | "gone" {
    const member = this.#kept.memberOf(id);
    if (member === undefined) return this.#best(() => true);
    return this.#sessions.get(member) ?? "gone";
  }

  /** The call's own limits apply while it waits for a session. */
  async #openAndCall(request: CallRequest): Promise<CallReply> {
    if (request.signal?.aborted) throw cancelled(request.signal, "no");
    const { clock } = this.#options;
    const { signal, timeoutMs } = request;
    const startedAt = clock.monotonic();
    const session = await within(this.#openFor(request), {
      clock,
      signal,
      timeoutMs,
      late: () => timedOut(timeoutMs, this.address, "no"),
    });
    const left = timeoutMs - (clock.monotonic() - startedAt);
    if (request.keep !== undefined) this.#kept.note(request.keep.id, session.member.id);
    return await session.connection.call({ ...request, timeoutMs: Math.max(1, left) });
  }

  async #openFor(call: Placed): Promise<PoolSession> {
    // A few: members may leave while they are being asked.
    for (let tries = 0; tries < 3; tries++) {
      if (this.#sessions.size === 0) await this.#openAny();
      const chosen = this.#choose(call);
      if (chosen !== undefined) return chosen;
      const member = this.#dedicated(call) ??
        [...this.#known.values()].find((one) => !one.draining && takesAnything(one.only));
      if (member === undefined) break;
      const session = await this.#openTo(member.id).catch(() => undefined);
      if (session?.connection.usable) return session;
    }
    throw noMember(
      this.address,
      `takes calls of the connector ${JSON.stringify(call.connector)} for the tenant ${
        JSON.stringify(call.tenantId)
      }`,
    );
  }

  // --- sessions

  /** With whoever the queue group picks. Once for all who wait. */
  #openAny(): Promise<PoolSession> {
    return this.#once("", async () => {
      const { clock, connectTimeoutMs } = this.#options;
      const startedAt = clock.monotonic();
      for (;;) {
        const attemptedAt = clock.monotonic();
        try {
          return await this.#open(this.#subjects.call);
        } catch (cause) {
          const error = toConnectorError(cause, { errorClass: ErrorClass.Transient });
          const nobody = error.cause instanceof NobodyThere;
          const limit = nobody ? Math.min(PATIENCE_MS, connectTimeoutMs) : connectTimeoutMs;
          const final = error.errorClass !== ErrorClass.Transient ||
            error.code.startsWith("connect.") && error.code !== "connect.timeout";
          if (final || clock.monotonic() - startedAt + STEP_MS > limit) {
            throw nobody ? noMember(this.address, "is there") : error;
          }
          if (error.code === "connect.timeout") await this.#sockets.unanswered(attemptedAt);
          await new Promise<void>((wake) => clock.setTimeout(wake, STEP_MS));
        }
      }
    });
  }

  #openTo(member: string): Promise<PoolSession> {
    return this.#once(member, async () => {
      try {
        return await this.#open(this.#subjects.callTo(member));
      } catch (error) {
        this.#known.delete(member);
        throw error;
      }
    });
  }

  #once(key: string, open: () => Promise<PoolSession>): Promise<PoolSession> {
    const known = this.#opening.get(key);
    if (known !== undefined) return known;
    const token = {};
    this.#sockets.hold(token, true);
    const pending = open().finally(() => {
      this.#opening.delete(key);
      this.#sockets.hold(token, false);
    });
    this.#opening.set(key, pending);
    return pending;
  }

  async #open(subject: string): Promise<PoolSession> {
    const { connectTimeoutMs } = this.#options;
    this.#throwIfClosed();
    await this.#sockets.connect();
    this.#throwIfClosed();
    const session = await PoolSession.open({
      ...this.#options,
      address: this.address,
      sockets: this.#sockets,
      subject,
      timeoutMs: Math.min(OPEN_MS, connectTimeoutMs),
      elsewhere: (request) => this.call(request),
      onUnusable: (lost) => this.#drop(lost),
      onMembers: (members) => this.#listed(members, false),
    });
    if (this.#closing.signal.aborted) session.connection.close(clientClosed());
    this.#throwIfClosed();
    this.#protocol = session.connection.protocol;
    const { id } = session.member;
    const before = this.#sessions.get(id);
    if (before?.connection.usable) {
      session.connection.close(clientClosed());
      return before;
    }
    this.#all.add(session);
    if (session.connection.usable) this.#sessions.set(id, session);
    else if (session.link.failure !== undefined) throw session.link.failure;
    this.#spread();
    return session;
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw clientClosed();
  }

  #drop(session: PoolSession): void {
    const { id } = session.member;
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
    this.#known.delete(id);
    if (session.link.failure === undefined) return;
    this.#all.delete(session);
    // Who else is there: what is left may be few, and as bad.
    if (!this.#closing.signal.aborted) this.#sockets.list();
  }

  // --- members

  /** `all`: who is not among them has left. */
  #listed(members: readonly MemberInfo[], all: boolean): void {
    if (all) this.#known = new Map();
    for (const member of members) this.#known.set(member.id, member);
    this.#spread();
  }

  /** Opens sessions with members that are not used yet. */
  #spread(): void {
    let count = this.#sessions.size + this.#opening.size;
    for (const { id, only, draining } of this.#known.values()) {
      if (count >= MOST_SESSIONS || this.#sessions.size === 0) return;
      if (draining || !takesAnything(only) || this.#sessions.has(id) || this.#opening.has(id)) {
        continue;
      }
      count++;
      // Only a help: the calls have somewhere to go.
      this.#openTo(id).catch(() => {});
    }
  }

  #beat(): void {
    const busy = [...this.#all].some(({ connection }) => connection.openCalls > 0);
    this.#idle = busy ? 0 : this.#idle + 1;
    if (this.#idle >= IDLE_BEATS) return this.#rest();
    if (++this.#beats % LIST_BEATS === 0 && this.#sessions.size > 0) this.#sockets.list();
  }

  #rest(): void {
    for (const session of [...this.#all]) {
      this.#drop(session);
      session.connection.close(idle());
    }
    void this.#sockets.close();
  }
}

function idle(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "connection.lost",
    message: "The client closed its idle connection to the pool",
  });
}
