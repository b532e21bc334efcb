/** The base protocol: requests with JSON inside, answered in any order, each body in one piece. */
import { CallAbort } from "../../core/async/call_signal.ts";
import { readLimited } from "../../core/read_limited.ts";
import type { CallReply } from "../../core/call.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import {
  ByteBudget,
  DecodeMeter,
  type ExecuteRequest,
  executeRequest,
  executeResponse,
  MAX_FRAME_BYTES,
  MessageType,
  type MessageWriter,
  type Share,
} from "../../wire/mod.ts";
import { type BaseRequest, readBaseRequest } from "./base_request.ts";
import { tooLarge, writeBaseResponse } from "./base_response.ts";
import { CALL_BYTES, type EngineLease, execute, type SharedState } from "./shared.ts";
import type { Conversation } from "./conversation.ts";

/** What a response frame holds besides its payload. */
const FRAME_RESERVE_BYTES = 1024;
const NO_BYTES = new Uint8Array(0);

interface OpenRequest {
  /** The client's id, echoed; it may use one twice. */
  readonly requestId: bigint;
  readonly startedAt: number;
  readonly lease: EngineLease;
  readonly abort: CallAbort;
  /** Bytes of its request and of the response collected so far. */
  held: number;
}

export class ServerBase implements Conversation {
  readonly #context: SharedState;
  readonly #writer: MessageWriter;
  readonly #calls = new Set<OpenRequest>();
  readonly #budget: ByteBudget;
  readonly #share: Share;
  readonly #meter = new DecodeMeter();

  constructor(context: SharedState, writer: MessageWriter, share: Share) {
    this.#context = context;
    this.#share = share;
    this.#budget = new ByteBudget(context.options.maxHeldBytes, share);
    this.#writer = writer;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get heldBytes(): number {
    return this.#budget.held;
  }

  /** Its answers are never split into pieces that could wait. */
  flushed(): void {}

  frame(type: number, payload: Uint8Array): boolean {
    if (type === MessageType.ExecuteRequest) {
      this.#start(executeRequest.decode(payload, this.#meter), CALL_BYTES + this.#meter.spent);
      return true;
    }
    // A base client's credits have no counterpart here and are ignored.
    return type === MessageType.CreditUpdate;
  }

  /** Base cannot announce it; new requests are refused one by one. */
  goAway(): void {}

  abort(error: ConnectorError, tell: boolean): void {
    for (const call of [...this.#calls]) {
      if (tell) this.#fail(call, error);
      else this.#close(call, error.errorClass);
      call.abort.abort(error);
    }
  }

  #start(message: ExecuteRequest, size: number): void {
    const { options, clock } = this.#context;
    const startedAt = clock.monotonic();
    let request: BaseRequest;
    let timeoutMs: number;
    try {
      const refusal = this.#context.refuseCall(this.#calls.size) ??
        this.#context.refuseBytes(this.#budget, size);
      if (refusal !== undefined) throw refusal;
      const { engine } = this.#context.lease;
      request = readBaseRequest(message, (connector) => engine.serves?.(connector) ?? false);
      const foreign = this.#context.refuseTenant(request.tenantId, undefined);
      if (foreign !== undefined) throw foreign;
      timeoutMs = request.timeoutMs ?? options.callTimeoutMs;
      if (message.deadlineAtMs > 0) {
        timeoutMs = Math.min(timeoutMs, message.deadlineAtMs - clock.now());
        if (timeoutMs <= 0) throw tooLate(-timeoutMs);
      }
    } catch (error) {
      this.#answer(message.requestId, startedAt, toConnectorError(error));
      return;
    }
    const call: OpenRequest = {
      requestId: message.requestId,
      startedAt,
      lease: this.#context.begin(),
      abort: new CallAbort(),
      held: 0,
    };
    this.#calls.add(call);
    this.#hold(call, size);
    execute(call.lease, { ...request, timeoutMs }, call.abort).then(
      (reply) => this.#reply(call, reply),
      (error: unknown) => this.#fail(call, toConnectorError(error)),
    );
  }

  #reply(call: OpenRequest, reply: CallReply): void {
    const { body } = reply;
    if (!this.#calls.has(call)) {
      // The client disconnected while the head was on its way.
      if (!(body instanceof Uint8Array)) body.cancel().catch(() => {});
      return;
    }
    if (body instanceof Uint8Array) {
      this.#succeed(call, reply, body);
      return;
    }
    const { maxBaseBodyBytes } = this.#context.options;
    readLimited(
      body,
      maxBaseBodyBytes,
      () => tooLarge(maxBaseBodyBytes),
      { hold: (bytes) => this.#hold(call, bytes) },
    ).then(
      (bytes) => this.#succeed(call, reply, bytes),
      (error: unknown) => this.#fail(call, toConnectorError(error)),
    );
  }

  #succeed(call: OpenRequest, reply: CallReply, body: Uint8Array): void {
    if (!this.#calls.has(call)) return;
    const payload = writeBaseResponse(reply.status, reply.headers, body);
    const room = MAX_FRAME_BYTES - FRAME_RESERVE_BYTES;
    if (payload.length > room) {
      this.#fail(call, tooLarge(room));
      return;
    }
    // Sent now, it must not be what closes the connection.
    this.#giveBack(call);
    if (this.#share.exceededBy(payload.length)) {
      this.#fail(call, this.#context.overload("committed"));
      return;
    }
    this.#close(call, ErrorClass.Success);
    this.#writer.send(executeResponse, {
      requestId: call.requestId,
      errorClass: ErrorClass.Success,
      errorMessage: "",
      payload,
      durationUs: this.#durationUs(call.startedAt),
    });
  }

  #fail(call: OpenRequest, error: ConnectorError): void {
    if (!this.#calls.has(call)) return;
    this.#close(call, error.errorClass);
    this.#answer(call.requestId, call.startedAt, error);
  }

  #answer(requestId: bigint, startedAt: number, error: ConnectorError): void {
    this.#writer.send(executeResponse, {
      requestId,
      errorClass: error.errorClass,
      errorMessage: error.message,
      payload: NO_BYTES,
      durationUs: this.#durationUs(startedAt),
    });
  }

  #hold(call: OpenRequest, bytes: number): void {
    // A chunk may come after the call was cut off.
    if (!this.#calls.has(call)) return;
    const refusal = this.#context.refuseBytes(this.#budget, bytes, "maybe");
    if (refusal !== undefined) throw refusal;
    this.#budget.take(bytes);
    call.held += bytes;
  }

  #close(call: OpenRequest, errorClass: ErrorClass): void {
    this.#calls.delete(call);
    this.#giveBack(call);
    this.#context.end(call.lease, errorClass);
  }

  #giveBack(call: OpenRequest): void {
    this.#budget.giveBack(call.held);
    call.held = 0;
  }

  #durationUs(startedAt: number): number {
    return Math.round((this.#context.clock.monotonic() - startedAt) * 1000);
  }
}

function tooLate(lateMs: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Timeout,
    code: "deadline.exceeded",
    message: `deadline_at_ms passed ${lateMs} ms before the request arrived; nothing was sent`,
    origin: "caller",
  });
}
