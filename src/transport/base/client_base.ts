/** The existing daemon's protocol over one link: whole bodies, no cancellation, answers matched by id. */
import type { CallReply, CallRequest, Health } from "../../core/call.ts";
import { withCallHeaders } from "../../core/call_headers.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import { isLater, streamGone } from "../../core/rules/keep.ts";
import { readLimited } from "../../core/read_limited.ts";
import { cancelled } from "../../core/async/within.ts";
import {
  executeRequest,
  type ExecuteResponse,
  executeResponse,
  MAX_FRAME_BYTES,
  MessageType,
} from "../../wire/mod.ts";
import { bodyTooLarge, decodeBasePayload, encodeBasePayload } from "./payload.ts";
import type { RuntimeConnection } from "../connection.ts";
import { Deadlines, type Expiring } from "../deadlines.ts";
import { forCall, timedOut } from "../failures.ts";
import { HealthChecks } from "../health_checks.ts";
import type { Link } from "../link.ts";

export interface ClientBaseOptions {
  readonly clock: Clock;
  readonly onUnusable: () => void;
}

interface Pending extends Expiring {
  readonly id: number;
  readonly request: CallRequest;
  readonly resolve: (reply: CallReply) => void;
  readonly reject: (error: ConnectorError) => void;
  readonly onAbort: () => void;
}

export class ClientBase implements RuntimeConnection {
  readonly protocol = "base";
  readonly #link: Link;
  readonly #options: ClientBaseOptions;
  readonly #calls = new Map<number, Pending>();
  readonly #deadlines: Deadlines<Pending>;
  readonly #health: HealthChecks;
  #lastId = 0;
  #usable = true;

  constructor(link: Link, options: ClientBaseOptions) {
    this.#link = link;
    this.#options = options;
    this.#health = new HealthChecks(link, options.clock);
    this.#deadlines = new Deadlines(
      options.clock,
      () => this.#calls.values(),
      (call) => this.#fail(call, timedOut(call.request.timeoutMs, link.address, "maybe")),
    );
    link.keepAlive(false);
    link.listen((type, payload) => this.#frame(type, payload), (error) => this.#lost(error));
  }

  get leaving(): boolean {
    return false;
  }

  get openCalls(): number {
    return this.#calls.size;
  }

  get usable(): boolean {
    return this.#usable;
  }

  async call(request: CallRequest): Promise<CallReply> {
    if (request.signal?.aborted) throw cancelled(request.signal, "no");
    if (isLater(request.keep)) throw streamGone();
    const body = await wholeBody(request);
    const payload = encodeBasePayload(withCallHeaders(request), body);
    if (this.#link.failure !== undefined) throw forCall(this.#link.failure, "no");
    return await new Promise((resolve, reject) => {
      const { clock } = this.#options;
      const id = ++this.#lastId;
      const call: Pending = {
        id,
        request,
        expiresAt: clock.monotonic() + request.timeoutMs,
        resolve,
        reject,
        onAbort: () => this.#fail(call, cancelled(request.signal, "maybe")),
      };
      if (this.#calls.size === 0) this.#link.keepAlive(true);
      this.#calls.set(id, call);
      this.#deadlines.watch(call.expiresAt);
      request.signal?.addEventListener("abort", call.onAbort, { once: true });
      this.#link.writer.send(executeRequest, {
        requestId: BigInt(id),
        tenantId: request.tenantId,
        workspaceId: request.workspaceId,
        traceId: request.traceId,
        connector: request.connector,
        operation: request.operation,
        deadlineAtMs: Math.ceil(clock.now() + request.timeoutMs),
        payload,
        headers: [],
      });
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
    if (this.#calls.size > 0) this.#link.fail(error);
    else this.#link.end(error);
  }

  #frame(type: number, payload: Uint8Array): void {
    if (type === MessageType.HealthResponse) return this.#health.answered(payload);
    if (type !== MessageType.ExecuteResponse) return;
    const response = executeResponse.decode(payload);
    if (response.requestId === 0n) return this.#unreadable(response);
    const call = this.#calls.get(Number(response.requestId));
    if (call === undefined) return;
    try {
      const reply = answer(response);
      this.#forget(call);
      call.resolve(reply);
    } catch (error) {
      this.#fail(call, toConnectorError(error));
    }
  }

  /** The runtime could not read a frame and does not know which call it belonged to. */
  #unreadable(response: ExecuteResponse): void {
    if (this.#health.waiting) return this.#health.answeredInBase(response.errorMessage);
    const [only, another] = this.#calls.values();
    if (only !== undefined && another === undefined) this.#fail(only, failure(response));
  }

  #lost(error: ConnectorError): void {
    this.#usable = false;
    this.#options.onUnusable();
    this.#deadlines.stop();
    this.#health.fail(error);
    for (const call of [...this.#calls.values()]) this.#fail(call, forCall(error, "maybe"));
  }

  #fail(call: Pending, error: ConnectorError): void {
    if (!this.#calls.has(call.id)) return;
    this.#forget(call);
    call.reject(error);
  }

  #forget(call: Pending): void {
    this.#calls.delete(call.id);
    call.request.signal?.removeEventListener("abort", call.onAbort);
    this.#rest();
  }

  #rest(): void {
    if (this.#calls.size === 0 && !this.#health.awaited) this.#link.keepAlive(false);
  }
}

function answer(response: ExecuteResponse): CallReply {
  if (response.errorClass !== ErrorClass.Success) throw failure(response);
  return decodeBasePayload(response.payload, String(response.requestId), response.durationUs);
}

/** Base only has a class and a message, so the code cannot say more. */
const CODES: Readonly<Record<number, string>> = {
  [ErrorClass.Transient]: "base.transient",
  [ErrorClass.Permanent]: "base.permanent",
  [ErrorClass.RateLimited]: "base.rate_limited",
  [ErrorClass.Timeout]: "base.timeout",
  [ErrorClass.InvalidRequest]: "base.invalid_request",
};

function failure(response: ExecuteResponse): ConnectorError {
  return new ConnectorError({
    errorClass: response.errorClass,
    code: CODES[response.errorClass] ?? "base.permanent",
    message: response.errorMessage || "The runtime gave no reason",
    sent: "maybe",
    requestId: response.requestId === 0n ? undefined : String(response.requestId),
  });
}

/** Base has no streamed request bodies. */
function wholeBody({ body, signal }: CallRequest): Uint8Array | Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0);
  if (body instanceof Uint8Array) return body;
  return readLimited(body, MAX_FRAME_BYTES, () => bodyTooLarge(MAX_FRAME_BYTES), { signal });
}
