/** One client connection: its frames, the protocol that the first one chooses, its answers, and how it can end. */
import { setImmediate } from "node:timers";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import type { ByteSocket, SocketHandlers } from "../../core/platform.ts";
import {
  executeResponse,
  FEATURE_KEEP,
  FrameReader,
  goAway,
  type Hello,
  MAX_FRAME_BYTES,
  MessageType,
  MessageWriter,
  Outbox,
  SESSION_VERSION,
  type Share,
  welcome,
} from "../../wire/mod.ts";
import type { Placement } from "../../nats/placement.ts";
import { ServerBase } from "./server_base.ts";
import { disconnected, overloaded, type SharedState } from "./shared.ts";
import type { Conversation } from "./conversation.ts";
import { FrameWatch } from "./frame_watch.ts";
import { readHello, refusalOf, tokenMissing } from "./greeting.ts";
import { Health } from "./health.ts";
import { ServerSession } from "./server_session.ts";
import { findToken } from "./tokens.ts";

/** How long a rejected peer may take to read why. */
const CLOSE_LIMIT_MS = 2_000;
/** Closing while the peer still sends would make the system discard our last frames, so we wait until it is silent. */
const QUIET_MS = 50;
/** How long a client that must present a token may stay silent. */
const GREETING_LIMIT_MS = 10_000;
/** How much it may send before: a Hello is small, and must not use up others' memory. */
const GREETING_LIMIT_BYTES = 64 * 1024;
const SERVER = "vastar-connector";
const NO_BYTES = new Uint8Array(0);

export interface ConnectionDeps {
  readonly context: SharedState;
  /** For logs: `unix:/run/vastar.sock`. */
  readonly listener: string;
  readonly tokenRequired: boolean;
  /** What calls are taken; undefined: all. */
  readonly only?: Placement | undefined;
  readonly onClosed: (connection: Connection) => void;
}

export class Connection implements SocketHandlers {
  readonly #deps: ConnectionDeps;
  readonly #context: SharedState;
  readonly #socket: ByteSocket;
  readonly #reader: FrameReader;
  readonly #outbox: Outbox;
  readonly #share: Share;
  readonly #writer: MessageWriter;
  readonly #watch: FrameWatch;
  #conversation: Conversation | undefined;
  #session = false;
  /** Unreadable frames since the last readable one. */
  #garbage = 0;
  #refusalLogged = false;
  /** No more frames are read; what is queued is still sent. */
  #closing = false;
  /** Our side ends as soon as everything queued is sent. */
  #finishing = false;
  #closed = false;
  /** `clock.monotonic()` after which a peer that does not stop sending is cut off. */
  #patienceUntil = 0;
  #timer: unknown;
  readonly #health: Health;

  constructor(socket: ByteSocket, deps: ConnectionDeps) {
    this.#deps = deps;
    this.#context = deps.context;
    this.#socket = socket;
    const { maxFrameBytes, maxUnsentBytes, frameTimeoutMs } = deps.context.options;
    this.#health = new Health(deps.context);
    this.#share = deps.context.buffered.join(() => this.#shed());
    this.#reader = new FrameReader(
      (type, payload) => this.#frame(type, payload),
      deps.tokenRequired ? GREETING_LIMIT_BYTES : maxFrameBytes,
      (bytes) => this.#hold(bytes),
    );
    this.#outbox = new Outbox(socket, {
      maxUnsentBytes,
      share: this.#share,
      onFlushed: () => this.#conversation?.flushed(),
      onOverflow: (bytes) => this.#overflow(bytes),
      defer: (flush) => this.#flushSoon(flush),
    });
    this.#writer = new MessageWriter(this.#outbox);
    this.#watch = new FrameWatch(deps.context.clock, frameTimeoutMs, () => {
      this.#refuse(halfSent(frameTimeoutMs));
      this.#leave();
    });
    if (deps.tokenRequired) this.#arm(GREETING_LIMIT_MS, () => this.destroy(disconnected()));
  }

  /**
   * With several calls in flight, answers that arrive together leave together, sharing one write.
   * A single call is answered at once.
   */
  #flushSoon(flush: () => void): void {
    if (this.openCalls > 1) setImmediate(flush);
    else queueMicrotask(flush);
  }

  get openCalls(): number {
    return this.#conversation?.openCalls ?? 0;
  }

  // --- the socket

  data(bytes: Uint8Array): void {
    if (this.#closing) {
      this.#awaitSilence();
      return;
    }
    try {
      this.#reader.push(bytes);
      this.#watch.heard(this.#reader.truncated);
    } catch (error) {
      this.#refuse(toConnectorError(error));
      this.#leave();
    }
  }

  drain(): void {
    this.#outbox.drained();
    if (this.#closing && this.#outbox.unsentBytes === 0 && this.#timer === undefined) {
      this.#finish();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#reader.stop();
    this.#outbox.close();
    this.#watch.stop();
    this.#disarm();
    this.#conversation?.abort(disconnected(), false);
    this.#share.close();
    this.#deps.onClosed(this);
    if (this.#session) this.#context.sessions--;
  }

  // --- the daemon

  goAway(): void {
    this.#conversation?.goAway();
  }

  /** Ends every open call with `error` as its answer. */
  abortCalls(error: ConnectorError): void {
    this.#conversation?.abort(error, true);
  }

  /** Sends what is queued, then closes. */
  end(): void {
    if (this.#closing || this.#closed) return;
    this.#closing = true;
    this.#reader.stop();
    this.#finish();
  }

  destroy(error: ConnectorError): void {
    this.#conversation?.abort(error, false);
    this.#socket.destroy();
    this.close();
  }

  // --- frames

  /** Must not throw: the reader would lose the rest of its chunk. */
  #frame(type: number, payload: Uint8Array): void {
    if (this.#closing) return;
    try {
      if (type === MessageType.HealthCheck && (this.#conversation || !this.#deps.tokenRequired)) {
        this.#conversation ??= this.#base();
        this.#outbox.frame(MessageType.HealthResponse, this.#health.payload(this.openCalls));
      } else {
        this.#conversation ??= this.#decide(type, payload);
        const first = type === MessageType.Hello && this.#session;
        if (!first && this.#conversation?.frame(type, payload) === false) throw unexpected(type);
      }
      this.#garbage = 0;
    } catch (error) {
      this.#garbageFrame(toConnectorError(error));
    }
  }

  /** Undefined: the client was rejected. */
  #decide(type: number, payload: Uint8Array): Conversation | undefined {
    if (type === MessageType.Hello) {
      const greeting = readHello(payload);
      if (greeting !== undefined) return this.#open(greeting);
    }
    if (!this.#deps.tokenRequired) return this.#base();
    this.#context.connectionsRefused++;
    this.#refuse(tokenMissing());
    this.#leave();
    return undefined;
  }

  #base(): Conversation {
    return new ServerBase(this.#context, this.#writer, this.#share);
  }

  #open(greeting: Hello): Conversation | undefined {
    const { options, log } = this.#context;
    const token = findToken(options.tokens, greeting.token);
    const refusal = refusalOf(greeting, token, this.#deps.tokenRequired);
    if (refusal !== undefined) {
      log.warn("session refused on {listener}: {code}", {
        listener: this.#deps.listener,
        code: refusal.code,
      });
      this.#context.connectionsRefused++;
      this.#writer.send(goAway, refusal);
      this.#leave();
      return undefined;
    }
    this.#disarm();
    this.#session = true;
    this.#context.sessions++;
    this.#reader.maxFrameBytes = options.maxFrameBytes;
    this.#writer.maxFrameBytes = greeting.maxFrameBytes || MAX_FRAME_BYTES;
    this.#writer.send(welcome, {
      version: Math.min(greeting.version, SESSION_VERSION),
      features: FEATURE_KEEP,
      maxFrameBytes: options.maxFrameBytes,
      server: SERVER,
      callCredit: options.callCredit,
      connectionCredit: options.connectionCredit,
      maxOpenCalls: options.maxOpenCalls,
    });
    const session = new ServerSession({
      context: this.#context,
      writer: this.#writer,
      hello: greeting,
      share: this.#share,
      unsent: () => this.#outbox.unsentBytes,
      token,
      only: this.#deps.only,
      onViolation: (error) => {
        this.#context.framesRefused++;
        this.#logRefused(error);
        this.#leave();
      },
    });
    if (this.#context.draining) session.goAway();
    return session;
  }

  // --- errors

  #garbageFrame(error: ConnectorError): void {
    this.#refuse(error);
    if (++this.#garbage < this.#context.options.maxGarbageFrames) return;
    this.#leave();
  }

  /** Tells the client what is wrong with its bytes. Which request they belong to cannot be known. */
  #refuse(error: ConnectorError): void {
    this.#context.framesRefused++;
    this.#logRefused(error);
    this.#writer.send(executeResponse, {
      requestId: 0n,
      errorClass: error.errorClass,
      errorMessage: error.message,
      payload: NO_BYTES,
      durationUs: 0,
    });
  }

  /** Logs only the first of a connection: a client must not fill the log. The others are counted. */
  #logRefused(error: ConnectorError): void {
    if (this.#refusalLogged) return;
    this.#refusalLogged = true;
    if (!this.#context.logsRefused()) return;
    this.#context.log.warn("frame refused on {listener}: {code} {message}", {
      listener: this.#deps.listener,
      code: error.code,
      message: error.message,
    });
  }

  /** For a frame that has not arrived completely. */
  #hold(bytes: number): void {
    if (bytes > 0 && this.#share.exceededBy(bytes)) throw overloaded();
    this.#share.take(bytes);
  }

  /** This connection holds more than any other while one with less has no room. Calls can be refused memory; unread bytes cannot. */
  #shed(): void {
    const conversation = this.#conversation;
    this.#context.connectionsShed++;
    this.#context.log.warn(
      "connection on {listener} was closed to make room: it held {bytes} bytes, {unsent} of them unread by its client",
      {
        listener: this.#deps.listener,
        bytes: this.#share.held,
        unsent: this.#outbox.unsentBytes,
      },
    );
    this.#context.callsOverloaded += this.openCalls;
    const error = overloaded("maybe");
    if (conversation !== undefined && conversation.heldBytes * 2 >= this.#share.held) {
      conversation.abort(error, true);
    } else {
      this.destroy(error);
    }
  }

  #overflow(bytes: number): void {
    this.#context.log.warn("connection on {listener} closed: {bytes} bytes unread by its client", {
      listener: this.#deps.listener,
      bytes,
    });
    // Deferred: this is called in the middle of writing an answer.
    queueMicrotask(() => this.destroy(disconnected()));
  }

  // --- closing

  /** Reads nothing more; the client gets what is queued once it has stopped sending. */
  #leave(): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#reader.stop();
    this.#watch.stop();
    this.#conversation?.abort(disconnected(), false);
    this.#patienceUntil = this.#context.clock.monotonic() + CLOSE_LIMIT_MS;
    this.#awaitSilence();
  }

  #awaitSilence(): void {
    if (this.#finishing) return;
    if (this.#context.clock.monotonic() >= this.#patienceUntil) this.#finish();
    else this.#arm(QUIET_MS, () => this.#finish());
  }

  #finish(): void {
    if (this.#closed || this.#finishing) return;
    this.#finishing = true;
    this.#outbox.flush();
    // Whatever the peer does now, the socket is closed.
    this.#arm(CLOSE_LIMIT_MS, () => this.#socket.destroy());
    if (this.#outbox.unsentBytes === 0) this.#socket.end();
  }

  #arm(ms: number, callback: () => void): void {
    this.#disarm();
    this.#timer = this.#context.clock.setTimeout(() => {
      this.#timer = undefined;
      callback();
    }, ms);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#context.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

function halfSent(ms: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "frame.timeout",
    message: `a frame was started, but no more of it arrived for ${ms} ms`,
    origin: "caller",
  });
}

function unexpected(type: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "frame.malformed",
    message: `a message of type ${type} is not expected here`,
    origin: "caller",
  });
}
