/** Responses as callers get them: whole, or streamed. */
import type { CallReply, HeaderList } from "../core/call.ts";
import { ErrorClass } from "../core/errors.ts";
import { parseSSE, type ServerSentEvent } from "../sse/mod.ts";
import { collect } from "./collect.ts";
import { toHeaderRecord } from "./headers.ts";
import { decodeText, ResponseBody } from "./response_body.ts";

/** An HTTP response of any status, with its whole body. */
export interface HTTPResponse {
  readonly requestId: string;
  readonly statusCode: number;
  /** The same as `statusCode`. */
  readonly status: number;
  /** Lower-case names; repeats joined with `, `, several Set-Cookie with a newline. */
  readonly headers: Record<string, string>;
  /** Every field as received, in order, repeats kept. */
  readonly headerList: HeaderList;
  /** Byte-exact; `body.toString()` decodes UTF-8. */
  readonly body: ResponseBody;
  /** Time from arrival at the engine to the response head, in microseconds. */
  readonly durationUs: number;
  /** Attempts made upstream. */
  readonly attempts: number;
  /** Of these, hedges: sent while others were not answered yet. */
  readonly hedges: number;
  /** Time spent between attempts, in microseconds. */
  readonly waitedUs: number;
  /** Time spent in the runtime's own queues, in microseconds. */
  readonly queuedUs: number;
  /** The URL that answered, without fragment, when redirects were followed; else undefined. */
  readonly url?: string | undefined;
  /** Always Success: without an HTTP response the call throws instead. */
  readonly errorClass: ErrorClass;
  readonly errorMessage?: string | undefined;
  text(): string;
  /** Throws a SyntaxError when the body is not JSON. */
  json<T = unknown>(): T;
  bytes(): Uint8Array;
}

class WholeResponse implements HTTPResponse {
  readonly requestId: string;
  readonly statusCode: number;
  readonly status: number;
  readonly headerList: HeaderList;
  readonly durationUs: number;
  readonly attempts: number;
  readonly hedges: number;
  readonly waitedUs: number;
  readonly queuedUs: number;
  readonly url: string | undefined;
  readonly errorClass: ErrorClass = ErrorClass.Success;
  readonly errorMessage: string | undefined = undefined;
  /** As it arrived; the two below are made for who asks for them. */
  readonly #bytes: Uint8Array;
  #body: ResponseBody | undefined;
  #headers: Record<string, string> | undefined;

  constructor(reply: CallReply, body: Uint8Array) {
    this.requestId = reply.requestId;
    this.statusCode = reply.status;
    this.status = reply.status;
    this.headerList = reply.headers;
    this.#bytes = body;
    this.durationUs = reply.durationUs;
    this.attempts = reply.attempts;
    this.hedges = reply.hedges ?? 0;
    this.waitedUs = reply.waitedUs ?? 0;
    this.queuedUs = reply.queuedUs ?? 0;
    this.url = reply.url;
  }

  get body(): ResponseBody {
    return this.#body ??= ResponseBody.wrap(this.#bytes);
  }

  get headers(): Record<string, string> {
    return this.#headers ??= toHeaderRecord(this.headerList);
  }

  text(): string {
    return decodeText(this.#bytes);
  }

  json<T = unknown>(): T {
    return JSON.parse(decodeText(this.#bytes)) as T;
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }
}

/** Reads the rest of the body, if there is more. */
export function toResponse(
  reply: CallReply,
  maxBytes: number,
): HTTPResponse | Promise<HTTPResponse> {
  const body = collect(reply.body, maxBytes);
  return body instanceof Promise
    ? body.then((bytes) => new WholeResponse(reply, bytes))
    : new WholeResponse(reply, body);
}

/** An HTTP response whose body is still arriving. Read it once, or cancel it. */
export interface HTTPStreamResponse extends AsyncIterable<Uint8Array> {
  readonly requestId: string;
  readonly statusCode: number;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly headerList: HeaderList;
  readonly durationUs: number;
  readonly attempts: number;
  /** Of these, hedges: sent while others were not answered yet. */
  readonly hedges: number;
  readonly waitedUs: number;
  readonly queuedUs: number;
  /** See {@link HTTPResponse}. */
  readonly url?: string | undefined;
  /** Errors with a ConnectorError if the rest does not arrive. Cancelling ends the call upstream. */
  readonly body: ReadableStream<Uint8Array>;
  /** The events of a `text/event-stream`. Leaving the loop ends the call upstream. */
  events(): AsyncIterableIterator<ServerSentEvent, undefined>;
  text(): Promise<string>;
  json<T = unknown>(): Promise<T>;
  bytes(): Promise<Uint8Array>;
  /** Discards the body and ends the call upstream. */
  cancel(reason?: unknown): Promise<void>;
}

class StreamResponse implements HTTPStreamResponse {
  readonly requestId: string;
  readonly statusCode: number;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly headerList: HeaderList;
  readonly durationUs: number;
  readonly attempts: number;
  readonly hedges: number;
  readonly waitedUs: number;
  readonly queuedUs: number;
  readonly url: string | undefined;
  readonly body: ReadableStream<Uint8Array>;
  readonly #maxBytes: number;

  constructor(reply: CallReply, maxBytes: number) {
    this.requestId = reply.requestId;
    this.statusCode = reply.status;
    this.status = reply.status;
    this.headers = toHeaderRecord(reply.headers);
    this.headerList = reply.headers;
    this.durationUs = reply.durationUs;
    this.attempts = reply.attempts;
    this.hedges = reply.hedges ?? 0;
    this.waitedUs = reply.waitedUs ?? 0;
    this.queuedUs = reply.queuedUs ?? 0;
    this.url = reply.url;
    this.body = toStream(reply.body);
    this.#maxBytes = maxBytes;
  }

  events(): AsyncIterableIterator<ServerSentEvent, undefined> {
    return parseSSE(this.body);
  }

  async text(): Promise<string> {
    return decodeText(await this.bytes());
  }

  async json<T = unknown>(): Promise<T> {
    return JSON.parse(await this.text()) as T;
  }

  async bytes(): Promise<Uint8Array> {
    return await collect(this.body, this.#maxBytes);
  }

  async cancel(reason?: unknown): Promise<void> {
    await this.body.cancel(reason);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const reader = this.body.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    } finally {
      // After the end or an error this does nothing; after `break` it ends the call.
      await reader.cancel().catch(() => {});
      reader.releaseLock();
    }
  }
}

export function toStreamResponse(reply: CallReply, maxBytes: number): HTTPStreamResponse {
  return new StreamResponse(reply, maxBytes);
}

/** A body as a stream, however it arrived. */
export function toStream(
  body: Uint8Array | ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (!(body instanceof Uint8Array)) return body;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (body.length > 0) controller.enqueue(body);
      controller.close();
    },
  });
}
