/** The session protocol over one link: any number of calls, answered in any order, streams in both directions. */
import { type CallReply, type CallRequest, type Health, tellRetry } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, invalidRequest, toConnectorError } from "../../core/errors.ts";
import { isLater, streamGone } from "../../core/rules/keep.ts";
import { cancelled } from "../../core/async/within.ts";
import {
  callHead,
  callRetry,
  callStart,
  cancel,
  creditUpdate,
  data,
  end,
  FEATURE_KEEP,
  type Hello,
  MAX_DATA_BYTES,
  MAX_FRAME_BYTES,
  MessageType,
  ReceiveCredit,
  sendBody,
  SendCredit,
  SESSION_VERSION,
  type Welcome,
  wireError,
} from "../../wire/mod.ts";
import type { RuntimeConnection } from "../connection.ts";
import { Deadlines } from "../deadlines.ts";
import { connectionLost, forCall, timedOut } from "../failures.ts";
import { HealthChecks } from "../health_checks.ts";
import type { Link } from "../link.ts";
import { SentCall, type SentEvents } from "./sent_call.ts";
import { chunksOf } from "./upload.ts";

/** What this side accepts before it grants more, as announced in the greeting. */
export const CALL_CREDIT: number = 256 * 1024;
export const CONNECTION_CREDIT: number = 1024 * 1024;

/** The runtime ends a call at its deadline; if it does not, the client does this much later. */
const GRACE_MS = 1000;
const NO_BYTES = new Uint8Array(0);

export function greeting(token: string | undefined): Hello {
  return {
    version: SESSION_VERSION,
    features: 0,
    maxFrameBytes: MAX_FRAME_BYTES,
    client: "vastar-connector",
    token: token ?? "",
    callCredit: CALL_CREDIT,
    connectionCredit: CONNECTION_CREDIT,
  };
}

export interface ClientSessionOptions {
  readonly clock: Clock;
  /** Makes a call on another connection if this one was going away before the call reached it. */
  readonly elsewhere: (request: CallRequest) => Promise<CallReply>;
  /** No new calls from here on. */
  readonly onUnusable: () => void;
}

export class ClientSession implements RuntimeConnection, SentEvents {
  readonly protocol = "session";
  readonly #link: Link;
  readonly #options: ClientSessionOptions;
  readonly #maxOpenCalls: number;
  /** Whether the runtime keeps answers: another would make a call in place of going on with one. */
  readonly #keeps: boolean;
  readonly #calls = new Map<number, SentCall>();
  readonly #deadlines: Deadlines<SentCall>;
  readonly #health: HealthChecks;
  readonly #sendCredit: SendCredit;
  readonly #receiveCredit: ReceiveCredit;
  #lastId = 0;
  #usable = true;
  #leaving = false;
  #probing = false;

  constructor(link: Link, welcome: Welcome, options: ClientSessionOptions) {
    this.#link = link;
    this.#options = options;
    link.writer.maxFrameBytes = welcome.maxFrameBytes || MAX_FRAME_BYTES;
    this.#keeps = (welcome.features & FEATURE_KEEP) !== 0;
    this.#maxOpenCalls = welcome.maxOpenCalls || Infinity;
    this.#health = new HealthChecks(link, options.clock);
    this.#deadlines = new Deadlines(
      options.clock,
      () => this.#calls.values(),
      (call) => this.#expire(call),
    );
    this.#sendCredit = new SendCredit(welcome);
    this.#receiveCredit = new ReceiveCredit({
      callCredit: CALL_CREDIT,
      connectionCredit: CONNECTION_CREDIT,
      grant: (callId, bytes) =>
        link.writer.send(creditUpdate, { creditDelta: bytes, totalCredits: 0, callId }),
    });
    link.keepAlive(false);
    link.listen((type, payload) => this.#frame(type, payload), (error) => this.#lost(error));
  }

  get usable(): boolean {
    return this.#usable;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  call(request: CallRequest): Promise<CallReply> {
    // Its GoAway arrived after this connection was chosen for the call.
    if (this.#leaving && this.#link.failure !== undefined) return this.#options.elsewhere(request);
    return new Promise((resolve, reject) => {
      const refused = this.#refuse(request);
      if (refused !== undefined) return reject(refused);
      if (this.#calls.size === 0) this.#link.keepAlive(true);
      const id = ++this.#lastId;
      const expiresAt = this.#options.clock.monotonic() + request.timeoutMs + GRACE_MS;
      const call = new SentCall(id, request, expiresAt, this, resolve, reject);
      this.#calls.set(id, call);
      this.#deadlines.watch(expiresAt);
      try {
        this.#start(call);
      } catch (error) {
        this.#forget(call);
        call.fail(unsendable(error));
      }
    });
  }

  async health(): Promise<Health> {
    this.#link.keepAlive(true);
    try {
      return await this.#health.ask();
    } finally {
      this.#rest();
    }
  }

  close(error: ConnectorError): void {
    // Calls in progress must stop now, not after the runtime has read what is still queued.
    if (this.#calls.size > 0) this.#link.fail(error);
    else this.#link.end(error);
  }

  // --- events of calls

  cancel(call: SentCall, aborted: boolean): void {
    if (!this.#calls.has(call.id)) return;
    this.#link.writer.send(cancel, { callId: call.id });
    const error = cancelled(aborted ? call.request.signal : undefined, call.sent);
    this.#forget(call);
    call.fail(error, true);
  }

  consumed(call: SentCall, bytes: number): void {
    this.#receiveCredit.consumed(call.id, bytes);
  }

  // --- sending

  #refuse(request: CallRequest): ConnectorError | undefined {
    if (request.signal?.aborted) return cancelled(request.signal, "no");
    if (!this.#keeps && isLater(request.keep)) return streamGone();
    // Lost or closed since it was chosen for this call.
    if (this.#link.failure !== undefined) return forCall(this.#link.failure, "no");
    if (this.#calls.size >= this.#maxOpenCalls) {
      return new ConnectorError({
        errorClass: ErrorClass.RateLimited,
        code: "connection.too_many_calls",
        message:
          `${this.#calls.size} calls are open on the connection to ${this.#link.address}, which is its limit: wait for some to finish`,
      });
    }
    return undefined;
  }

  #start(call: SentCall): void {
    const { request } = call;
    const { body } = request;
    const whole = body === null ? NO_BYTES : body instanceof Uint8Array ? body : undefined;
    const inline = whole !== undefined && whole.length <= MAX_DATA_BYTES &&
      (whole.length === 0 || !this.#link.writer.crowded);
    this.#link.writer.send(callStart, {
      callId: call.id,
      bodyFollows: !inline,
      reportRetries: request.onRetry !== undefined,
      call: inline ? request : { ...request, body: null },
    });
    if (!inline && body !== null) void this.#upload(call, body);
  }

  /** Never rejects: a body that cannot be read fails its call. */
  async #upload(call: SentCall, body: Uint8Array | ReadableStream<Uint8Array>): Promise<void> {
    this.#sendCredit.open(call.id);
    const send = (bytes: Uint8Array) => this.#link.writer.send(data, { callId: call.id, bytes });
    try {
      for await (const bytes of chunksOf(body, call)) {
        if (!(await sendBody(bytes, call.id, this.#sendCredit, send))) return;
      }
      if (this.#calls.has(call.id)) {
        this.#link.writer.send(end, { callId: call.id, trailers: [], error: undefined });
      }
    } catch (cause) {
      if (!this.#calls.has(call.id)) return;
      this.#link.writer.send(cancel, { callId: call.id });
      this.#forget(call);
      call.fail(
        new ConnectorError({
          errorClass: ErrorClass.Permanent,
          code: "request.body_failed",
          message: `The request body could not be read: ${
            cause instanceof Error ? cause.message : String(cause)
          }`,
          origin: "caller",
          sent: call.sent,
          cause,
        }),
        true,
      );
    } finally {
      this.#sendCredit.close(call.id);
    }
  }

  // --- receiving

  #frame(type: number, payload: Uint8Array): void {
    switch (type) {
      case MessageType.CallHead:
        return this.#head(payload);
      case MessageType.CallRetry:
        return this.#retry(payload);
      case MessageType.Data:
        return this.#data(payload);
      case MessageType.End:
        return this.#end(payload);
      case MessageType.CreditUpdate: {
        const update = creditUpdate.decode(payload);
        return this.#sendCredit.grant(update.callId, update.creditDelta);
      }
      case MessageType.HealthResponse:
        return this.#health.answered(payload);
      case MessageType.GoAway:
        return this.#goAway();
    }
    // Anything else is a feature of a newer runtime that we did not ask for.
  }

  #retry(payload: Uint8Array): void {
    const { callId, ...retry } = callRetry.decode(payload);
    const call = this.#calls.get(callId);
    if (call !== undefined && !call.headArrived) tellRetry(call.request, retry);
  }

  #head(payload: Uint8Array): void {
    const head = callHead.decode(payload);
    const call = this.#calls.get(head.callId);
    if (call === undefined || call.headArrived) return;
    if (head.bodyFollows) this.#receiveCredit.open(call.id);
    call.head(head);
    if (head.bodyFollows) return;
    this.#forget(call);
    call.release();
  }

  #data(payload: Uint8Array): void {
    const { callId, bytes } = data.decode(payload);
    this.#receiveCredit.received(callId, bytes.length);
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    // Dropping them would pass off a body with a gap as complete.
    if (!call.headArrived) {
      throw wireError("frame.malformed", `call ${callId} got data before its head`);
    }
    call.data(bytes);
  }

  #end(payload: Uint8Array): void {
    const message = end.decode(payload);
    const call = this.#calls.get(message.callId);
    if (call === undefined) return;
    this.#forget(call);
    const { error } = message;
    if (error === undefined) {
      if (call.headArrived) call.end();
      else {call.fail(
          forCall(connectionLost(this.#link.address, new Error("an End before the head")), "maybe"),
        );}
    } else if (error.code === "connection.going_away" && error.sent === "no" && canRepeat(call)) {
      this.#goAway();
      const left = call.expiresAt - GRACE_MS - this.#options.clock.monotonic();
      call.become(this.#options.elsewhere({ ...call.request, timeoutMs: Math.max(1, left) }));
    } else {
      call.fail(error);
    }
  }

  #goAway(): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#leaving = true;
    this.#options.onUnusable();
    this.#rest();
  }

  #lost(error: ConnectorError): void {
    this.#usable = false;
    this.#options.onUnusable();
    this.#deadlines.stop();
    this.#health.fail(error);
    for (const call of [...this.#calls.values()]) {
      this.#forget(call);
      call.fail(forCall(error, call.sent), error.code === "client.closed");
    }
  }

  #expire(call: SentCall): void {
    this.#link.writer.send(cancel, { callId: call.id });
    this.#forget(call);
    call.fail(timedOut(call.request.timeoutMs, this.#link.address, call.sent));
    void this.#probe();
  }

  /** A runtime that missed a deadline may be silently gone, as behind a cut cable: later calls need another link. */
  async #probe(): Promise<void> {
    if (this.#probing) return;
    this.#probing = true;
    try {
      await this.health();
    } catch (cause) {
      this.#link.fail(connectionLost(this.#link.address, cause));
    }
    this.#probing = false;
  }

  #forget(call: SentCall): void {
    this.#calls.delete(call.id);
    this.#sendCredit.close(call.id);
    this.#receiveCredit.close(call.id);
    this.#rest();
  }

  /** Without calls, the socket does not keep the process alive, and one to a runtime that is going away is closed. */
  #rest(): void {
    if (this.#calls.size > 0 || this.#health.awaited) return;
    this.#link.keepAlive(false);
    if (!this.#usable) {
      this.#link.end(connectionLost(this.#link.address, new Error("the runtime is going away")));
    }
  }
}

/** Nothing of the call was sent, and the connection is unharmed. */
function unsendable(cause: unknown): ConnectorError {
  const error = toConnectorError(cause);
  return error.code !== "frame.oversize" ? error : invalidRequest(
    "request.head_too_large",
    `The URL, headers and names of the call are too long: ${error.message}`,
  );
}

/** A streamed body has been read from since the call started, so it cannot be sent again. */
function canRepeat(call: SentCall): boolean {
  return !call.headArrived && !(call.request.body instanceof ReadableStream);
}
