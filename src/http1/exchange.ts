/** One request and its answer: first waits for a connection, then runs on it. */
import { Soon } from "../core/async/soon.ts";
import { joinBytes } from "../core/bytes.ts";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import type { HeaderList } from "../core/call.ts";
import type { UpstreamRequest } from "../core/platform.ts";
import { classifyFailure } from "../http/classify.ts";
import { BodyStream, type Flow } from "./body.ts";
import type { Connection, Job } from "./connection.ts";
import type { ResponseHead } from "./head.ts";
import type { Pool, Waiter } from "./pool.ts";
import { JOINED_BODY, requestHead } from "./request.ts";
import { sendStream } from "./send.ts";
import type { Target } from "./target.ts";

export interface Answer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Not decoded; see `encoding`. */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
  /** From content-encoding. */
  readonly encoding: string | undefined;
}

/** Safe or idempotent: if the upstream closed a kept connection they may be sent again, whatever became of the first try. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "PUT",
  "DELETE",
  "QUERY",
  "PROPFIND",
  "SEARCH",
  "REPORT",
]);

export class Exchange<T> implements Waiter, Job, Flow {
  readonly target: Target;
  readonly answer: Soon<T> = new Soon();
  /** True for a request sent on a connection that the upstream was just closing. */
  fresh = false;
  sent = false;
  #connection: Connection | undefined;
  #head: ResponseHead | undefined;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #ended = false;
  #stream: BodyStream | undefined;
  #unsend: (() => void) | undefined;
  /** Resolved or rejected, and no longer running. */
  #over = false;
  readonly #request: UpstreamRequest;
  readonly #pool: Pool;
  readonly #wholeBodyBytes: number;
  readonly #finish: (answer: Answer, request: UpstreamRequest) => T | Promise<T>;

  constructor(
    request: UpstreamRequest,
    target: Target,
    deps: {
      readonly pool: Pool;
      readonly wholeBodyBytes: number;
      readonly finish: (answer: Answer, request: UpstreamRequest) => T | Promise<T>;
    },
  ) {
    this.target = target;
    this.#request = request;
    this.#pool = deps.pool;
    this.#wholeBodyBytes = deps.wholeBodyBytes;
    this.#finish = deps.finish;
  }

  start(): void {
    this.#request.signal.addEventListener("abort", this);
    this.#pool.acquire(this);
  }

  get method(): string {
    return this.#request.method;
  }

  get connectTimeoutMs(): number {
    return this.#request.connectTimeoutMs;
  }

  get persistent(): boolean {
    return this.#head?.persistent === true;
  }

  get keepMs(): number | undefined {
    return this.#head?.keepMs;
  }

  ready(connection: Connection): void {
    const { method, headers, body } = this.#request;
    this.#connection = connection;
    const head = requestHead({ method, start: this.target.start, headers, body });
    if (body === null || body instanceof Uint8Array) {
      const joined = body !== null && body.byteLength <= JOINED_BODY ? body : null;
      connection.begin(this, head, joined);
      if (body !== null && joined === null) connection.write(body);
      this.sent = true;
      return;
    }
    connection.begin(this, head, null);
    this.#unsend = sendStream(body, headers, connection, {
      over: () => this.#over,
      sent: () => {
        this.sent = true;
      },
      failed: (error) => this.#stop(bodyFailed(error)),
    });
  }

  failed(error: unknown): void {
    this.#fail(this.#classified(error, false));
  }

  late(): void {
    this.#fail(
      new ConnectorError({
        errorClass: ErrorClass.Transient,
        code: "timeout.connect",
        message:
          `${this.target.authority} did not accept a connection within ${this.connectTimeoutMs} ms`,
        origin: "upstream",
      }),
    );
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  body(piece: Uint8Array): void {
    if (this.#stream !== undefined) return this.#stream.push(piece);
    this.#pieces.push(piece);
    this.#size += piece.byteLength;
  }

  end(): void {
    this.#ended = true;
  }

  settle(): void {
    const head = this.#head;
    if (head === undefined || this.#over) return;
    if (this.#stream === undefined) {
      if (this.#ended && this.#size <= this.#wholeBodyBytes) {
        return this.#answer(head, joinBytes(this.#pieces, this.#size));
      }
      // A short body of known length is waited for.
      if (!this.#ended && head.length !== undefined && head.length <= this.#wholeBodyBytes) return;
      this.#stream = new BodyStream(this);
      for (const piece of this.#pieces) this.#stream.push(piece);
      this.#pieces = [];
      this.#answer(head, this.#stream.stream);
    }
    if (!this.#ended) return;
    this.#leave();
    this.#stream.end();
  }

  lost(error: unknown): void {
    if (this.#over) return;
    const connection = this.#connection as Connection;
    const { method, body } = this.#request;
    const again = !connection.received && connection.uses > 1 && !this.fresh &&
      !(body instanceof ReadableStream) && (!connection.wrote || REPEATABLE.has(method));
    if (!again) return this.#fail(this.#classified(error, connection.wrote));
    this.#connection = undefined;
    this.fresh = true;
    this.sent = false;
    this.#pool.acquire(this);
  }

  /** The signal's event. */
  handleEvent(): void {
    this.#stop(this.#request.signal.reason);
  }

  // After the end the connection belongs to someone else.
  pause(): void {
    if (!this.#ended) this.#connection?.pause();
  }

  resume(): void {
    if (!this.#ended) this.#connection?.resume();
  }

  cancel(): void {
    if (this.#ended) return;
    this.#leave();
    this.#connection?.destroy();
  }

  #answer(head: ResponseHead, body: Answer["body"]): void {
    const { status, headers, encoding } = head;
    if (body instanceof Uint8Array) this.#leave();
    try {
      const finished = this.#finish({ status, headers, body, encoding }, this.#request);
      if (finished instanceof Promise) {
        finished.then((whole) => this.answer.resolve(whole), (error) => this.answer.reject(error));
      } else this.answer.resolve(finished);
    } catch (error) {
      this.answer.reject(error);
      this.cancel();
    }
  }

  /** Cancelled by the caller, or failed on the request's side: what arrived is dropped. */
  #stop(reason: unknown): void {
    if (this.#over) return;
    this.#leave();
    if (this.#connection === undefined) this.#pool.leave(this);
    else this.#connection.destroy();
    if (this.#stream === undefined) this.answer.reject(reason);
    else this.#stream.abort(reason);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#leave();
    if (this.#stream === undefined) this.answer.reject(error);
    else this.#stream.fail(error);
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#request.signal.removeEventListener("abort", this);
    if (!this.sent) this.#unsend?.();
  }

  #classified(error: unknown, wrote: boolean): ConnectorError {
    return classifyFailure(error, {
      phase: this.#head === undefined ? "head" : "body",
      passedOn: this.#stream !== undefined,
      peer: this.target.authority,
      wrote,
    });
  }
}

function bodyFailed(cause: unknown): ConnectorError {
  if (cause instanceof ConnectorError) return cause;
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "request.body_failed",
    message: `the stream given as request body failed: ${
      cause instanceof Error ? cause.message : String(cause)
    }`,
    origin: "caller",
    sent: "maybe",
    cause,
  });
}
