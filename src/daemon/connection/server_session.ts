/** The session protocol, runtime side: calls side by side, streams in both directions, credits, cancellation. */
import { Soon } from "../../core/async/soon.ts";
import { CallAbort } from "../../core/async/call_signal.ts";
import type { CallReply, CallRequest, CallRetry } from "../../core/call.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import {
  ByteBudget,
  callHead,
  callRetry,
  type CallStart,
  callStart,
  cancel,
  creditUpdate,
  data,
  DecodeMeter,
  end,
  goAway,
  headOf,
  type Hello,
  IncomingBody,
  MAX_DATA_BYTES,
  MessageType,
  type MessageWriter,
  ReceiveCredit,
  sendBody,
  SendCredit,
  type Share,
} from "../../wire/mod.ts";
import { CALL_BYTES, cancelledByClient, execute, goingAway, type SharedState } from "./shared.ts";
import { formatPlacement, type Placed, type Placement, takes } from "../../nats/placement.ts";
import { isJobUrl } from "../../nats/jobs/job_url.ts";
import { submitUnsupported } from "../jobs/unsupported.ts";
import type { Conversation } from "./conversation.ts";
import type { ServedCall } from "./served_call.ts";
import { type AccessToken, UNNAMED } from "./tokens.ts";

/**
 * A client may grant more credit than this; only this much is used, so that data it has not read yet stays well below
 * what the connection may hold unsent.
 */
const MAX_CONNECTION_CREDIT = 16 * 1024 * 1024;
/**
 * How many unsent bytes of streams are buffered ahead of a client: more would not fill its socket sooner. If many share
 * the process's bytes it is less, but always a frame of Data.
 */
const AHEAD_BYTES = 1024 * 1024;

export interface ServerSessionDeps {
  readonly context: SharedState;
  readonly writer: MessageWriter;
  readonly hello: Hello;
  readonly share: Share;
  /** Bytes that the client has not read. */
  readonly unsent: () => number;
  /** The token that the client presented; undefined: none. */
  readonly token: AccessToken | undefined;
  /** What calls are taken; undefined: all. */
  readonly only?: Placement | undefined;
  /** The peer broke the protocol: everything is sent, then the connection is closed. */
  readonly onViolation: (error: ConnectorError) => void;
}

export class ServerSession implements Conversation {
  readonly #deps: ServerSessionDeps;
  readonly #context: SharedState;
  readonly #writer: MessageWriter;
  readonly #calls = new Map<number, ServedCall>();
  readonly #budget: ByteBudget;
  readonly #meter = new DecodeMeter();
  readonly #sendCredit: SendCredit;
  readonly #receiveCredit: ReceiveCredit;

  constructor(deps: ServerSessionDeps) {
    this.#deps = deps;
    this.#context = deps.context;
    this.#writer = deps.writer;
    this.#sendCredit = new SendCredit({
      callCredit: deps.hello.callCredit,
      connectionCredit: Math.min(deps.hello.connectionCredit, MAX_CONNECTION_CREDIT),
    }, () => this.#room());
    const { callCredit, connectionCredit, maxHeldBytes } = deps.context.options;
    this.#budget = new ByteBudget(maxHeldBytes, deps.share);
    this.#receiveCredit = new ReceiveCredit({
      callCredit,
      connectionCredit,
      budget: this.#budget,
      grant: (callId, bytes) =>
        this.#writer.send(creditUpdate, { creditDelta: bytes, totalCredits: 0, callId }),
    });
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get heldBytes(): number {
    return this.#budget.held;
  }

  flushed(): void {
    this.#sendCredit.resume();
  }

  #room(): number {
    const part = Math.floor(this.#context.buffered.equalPart / 2);
    return Math.max(MAX_DATA_BYTES, Math.min(AHEAD_BYTES, part)) - this.#deps.unsent();
  }

  frame(type: number, payload: Uint8Array): boolean {
    switch (type) {
      case MessageType.CallStart:
        this.#start(callStart.decode(payload, this.#meter), CALL_BYTES + this.#meter.spent);
        return true;
      case MessageType.Data:
        this.#data(payload);
        return true;
      case MessageType.End:
        this.#end(payload);
        return true;
      case MessageType.Cancel: {
        const call = this.#calls.get(cancel.decode(payload).callId);
        if (call !== undefined) this.#abort(call, cancelledByClient());
        return true;
      }
      case MessageType.CreditUpdate: {
        const update = creditUpdate.decode(payload);
        this.#sendCredit.grant(update.callId, update.creditDelta);
        return true;
      }
      case MessageType.ExecuteRequest:
        return false;
    }
    // A newer client's optional feature.
    return true;
  }

  goAway(): void {
    const { code, message } = goingAway();
    this.#writer.send(goAway, { code, message });
  }

  abort(error: ConnectorError, tell: boolean): void {
    for (const call of [...this.#calls.values()]) {
      if (tell) this.#sendEnd(call.id, error);
      this.#abort(call, error);
    }
  }

  #start(message: CallStart, size: number): void {
    const { callId, bodyFollows, reportRetries, call: asked } = message;
    const body = asked.body as Uint8Array | null;
    if (callId === 0 || this.#calls.has(callId)) {
      const found = callId === 0 ? "a call with the id 0" : `call ${callId} was started twice`;
      this.#violation(callId, violation(`${found}; ids are 1 to 2^53 - 1, each used once`));
      return;
    }
    if (bodyFollows && body !== null && body.length > 0) {
      const found = `call ${callId} carries a body and announces another`;
      this.#violation(callId, violation(`${found}; send it one way, not both`));
      return;
    }
    const { token, only } = this.#deps;
    const named = asked.tenantId || UNNAMED;
    const tenantId = named === UNNAMED ? token?.tenantId ?? UNNAMED : named;
    const refusal = this.#context.refuseCall(this.#calls.size) ??
      this.#context.refuseBytes(this.#budget, size) ??
      this.#context.refuseTenant(tenantId, token) ??
      refusePlacement(only, { connector: asked.connector, tenantId });
    if (refusal !== undefined) {
      this.#sendEnd(callId, refusal);
      return;
    }
    this.#budget.take(size);
    const call: ServedCall = {
      id: callId,
      lease: this.#context.begin({ tenantId, keep: asked.keep }),
      held: size,
      abort: new CallAbort(),
      upload: bodyFollows ? this.#upload(callId) : undefined,
    };
    this.#calls.set(callId, call);
    // Field by field: spreading what was decoded takes as long as decoding it. None can be forgotten.
    const request = {
      tenantId,
      workspaceId: asked.workspaceId,
      traceId: asked.traceId,
      connector: asked.connector,
      operation: asked.operation,
      method: asked.method,
      url: asked.url,
      headers: asked.headers,
      // The frame's memory is reused once this returns.
      body: call.upload?.stream ?? (body === null || body.length === 0 ? null : body.slice()),
      timeoutMs: asked.timeoutMs || this.#context.options.callTimeoutMs,
      idempotencyKey: asked.idempotencyKey,
      traceparent: asked.traceparent,
      policy: asked.policy,
      onRetry: reportRetries ? (retry: CallRetry) => this.#tellRetry(call, retry) : undefined,
      hold: (bytes: number) => this.#hold(call, bytes),
      keep: asked.keep,
    } satisfies {
      readonly [Key in Exclude<keyof CallRequest, "signal" | "freshKey">]-?: CallRequest[Key];
    };
    const executed = isJobUrl(request.url)
      ? this.#context.desk?.begin(request, call.abort) ?? Soon.rejected(submitUnsupported())
      : execute(call.lease, request, call.abort);
    executed.then(
      (reply) => this.#reply(call, reply),
      (error: unknown) => this.#fail(call, toConnectorError(error)),
    );
  }

  #tellRetry(call: ServedCall, retry: CallRetry): void {
    if (this.#calls.get(call.id) !== call) return;
    this.#writer.send(callRetry, { callId: call.id, ...retry });
  }

  /** The call keeps so many bytes until it ends. */
  #hold(call: ServedCall, bytes: number): boolean {
    if (this.#calls.get(call.id) !== call || this.#budget.exceededBy(bytes) !== undefined) {
      return false;
    }
    this.#budget.take(bytes);
    call.held += bytes;
    return true;
  }

  #upload(callId: number): IncomingBody {
    this.#receiveCredit.open(callId);
    return new IncomingBody({
      onConsumed: (bytes) => this.#receiveCredit.consumed(callId, bytes),
      // The upstream answered early or failed: the client learns that from the call's End.
      onCancel: () => {},
    });
  }

  // --- the client's body

  #data(payload: Uint8Array): void {
    const { callId, bytes } = data.decode(payload);
    try {
      this.#receiveCredit.received(callId, bytes.length);
    } catch (error) {
      this.#violation(callId, toConnectorError(error));
      return;
    }
    const call = this.#calls.get(callId);
    if (call?.upload === undefined) return;
    const error = this.#context.refuseBytes(this.#budget, 0, "maybe");
    if (error !== undefined) {
      // Holding credit back instead would starve the uploads whose upstreams do read, and none would ever end.
      this.#sendEnd(callId, error);
      this.#abort(call, error);
      return;
    }
    call.upload.push(bytes.slice());
  }

  #end(payload: Uint8Array): void {
    const { callId, error } = end.decode(payload);
    const upload = this.#calls.get(callId)?.upload;
    if (error === undefined) upload?.end();
    else upload?.fail(error);
  }

  // --- the answer

  #reply(call: ServedCall, reply: CallReply): void {
    const { body } = reply;
    if (this.#calls.get(call.id) !== call) {
      // Cancelled while the head was on its way.
      if (!(body instanceof Uint8Array)) body.cancel().catch(() => {});
      return;
    }
    const whole = body instanceof Uint8Array && body.length <= MAX_DATA_BYTES &&
      (body.length === 0 || this.#room() > 0);
    if (!whole && body instanceof Uint8Array) {
      const error = this.#context.refuseBytes(this.#budget, body.length, "committed");
      if (error !== undefined) {
        this.#fail(call, error);
        return;
      }
      this.#budget.take(body.length);
      call.held += body.length;
    }
    try {
      this.#writer.send(callHead, headOf(reply, call.id, whole ? body : undefined));
    } catch (error) {
      if (!(body instanceof Uint8Array)) body.cancel(error).catch(() => {});
      this.#fail(call, headTooLarge(error));
      return;
    }
    if (whole) {
      this.#forget(call, ErrorClass.Success);
      return;
    }
    this.#sendCredit.open(call.id);
    const send = (bytes: Uint8Array) => this.#writer.send(data, { callId: call.id, bytes });
    sendBody(body, call.id, this.#sendCredit, send).then(
      (complete) => {
        if (!complete || this.#calls.get(call.id) !== call) return;
        this.#sendEnd(call.id, undefined);
        this.#forget(call, ErrorClass.Success);
      },
      (error: unknown) => this.#fail(call, toConnectorError(error, { sent: "committed" })),
    );
  }

  #fail(call: ServedCall, error: ConnectorError): void {
    if (this.#calls.get(call.id) !== call) return;
    this.#sendEnd(call.id, error);
    this.#forget(call, error.errorClass);
  }

  #sendEnd(callId: number, error: ConnectorError | undefined): void {
    this.#writer.send(end, { callId, trailers: [], error });
  }

  // --- the end

  #abort(call: ServedCall, error: ConnectorError): void {
    this.#forget(call, error.errorClass);
    call.abort.abort(error);
    call.upload?.abort(error);
  }

  #forget(call: ServedCall, errorClass: ErrorClass): void {
    this.#calls.delete(call.id);
    this.#budget.giveBack(call.held);
    this.#sendCredit.close(call.id);
    this.#receiveCredit.close(call.id);
    this.#context.end(call.lease, errorClass);
  }

  #violation(callId: number, error: ConnectorError): void {
    this.#sendEnd(callId, error);
    this.#deps.onViolation(error);
  }
}

function violation(found: string): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.InvalidRequest,
    code: "frame.malformed",
    message: found,
    origin: "caller",
  });
}

function headTooLarge(cause: unknown): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "response.head_too_large",
    message: `the response head cannot be passed on: ${toConnectorError(cause).message}`,
    origin: "upstream",
    sent: "committed",
    cause,
  });
}

/** The client chose the member by what it knew of it. */
function refusePlacement(only: Placement | undefined, call: Placed): ConnectorError | undefined {
  if (only === undefined || takes(only, call)) return undefined;
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "pool.misplaced",
    message: `this member of the pool takes only calls of ${formatPlacement(only)}`,
    origin: "caller",
  });
}
