/** A client for one API: relative paths, the usual kinds of bodies, errors by status, batches of requests. */
import { aboveZero, attemptsOf } from "../core/check_number.ts";
import type { CallPolicy } from "../core/call.ts";
import {
  type Fetch,
  type HeadersInput,
  type HTTPRequest,
  type HTTPResponse,
  type HTTPStreamResponse,
  RuntimeClient,
  type RuntimeClientOptions,
} from "../client/mod.ts";
import { toHeaderList } from "../client/headers.ts";
import { toResponse } from "../client/response.ts";
import { Batch, type BatchItem, type BatchOptions, type BatchResult } from "./batch.ts";
import {
  absolute,
  type ApiDefaults,
  type ApiRequest,
  type ApiRequestOptions,
  toHttpRequest,
} from "./request.ts";
import { statusError } from "./status_error.ts";

interface OwnOptions {
  /** Absolute; paths are appended to it. */
  readonly baseURL?: string | URL | undefined;
  /** Headers of every request to the base URL's origin. */
  readonly headers?: HeadersInput | undefined;
}

/** Either a client, which is never closed here, or the options of one that is created and closed with this client. */
export type ApiClientOptions =
  | OwnOptions & { readonly client: RuntimeClient }
  | OwnOptions & RuntimeClientOptions & { readonly client?: undefined };

export interface ApiRetryOptions extends Omit<ApiRequestOptions, "retries"> {
  /** Retries after the first attempt; 0: none. Default: 3. */
  readonly maxRetries?: number | undefined;
  /** Upper bound of the first wait, which doubles from wait to wait. Milliseconds, default: 1,000. */
  readonly initialBackoffMs?: number | undefined;
  /** Upper bound of every wait, in milliseconds. Default: 30,000. */
  readonly maxBackoffMs?: number | undefined;
}

/**
 * Requests to one API.
 *
 * ```ts
 * await using api = new ApiClient({ baseURL: "https://api.example.com/v1" });
 * const user = (await api.request({ path: "/users/7" })).json();
 * ```
 */
export class ApiClient {
  readonly #client: RuntimeClient;
  readonly #ownsClient: boolean;
  readonly #defaults: ApiDefaults;

  constructor(options: ApiClientOptions = {}) {
    const { baseURL, headers, client, ...runtime } = options;
    this.#defaults = {
      baseURL: baseURL === undefined ? undefined : absolute(baseURL, "baseURL"),
      headers: toHeaderList(headers),
    };
    this.#ownsClient = client === undefined;
    this.#client = client ?? new RuntimeClient(runtime);
  }

  /** The runtime's client that carries the requests. */
  get client(): RuntimeClient {
    return this.#client;
  }

  /** WHATWG fetch through the same runtime, without the base and its headers. */
  get fetch(): Fetch {
    return this.#client.fetch;
  }

  /** The response with its whole body. A status of 400 or above is thrown as an HttpStatusError. */
  async request(request: ApiRequest, options: ApiRequestOptions = {}): Promise<HTTPResponse> {
    return await this.#execute({ ...toHttpRequest(request, this.#defaults), ...options });
  }

  /** The response as soon as its head has arrived. A status of 400 or above is thrown, with the body, as by `request`. */
  async stream(request: ApiRequest, options: ApiRequestOptions = {}): Promise<HTTPStreamResponse> {
    const http = { ...toHttpRequest(request, this.#defaults), ...options };
    const response = await this.#client.streamHTTP(http);
    if (response.status < 400) return response;
    // A truncated body must not hide the status.
    const body = await response.bytes().catch(() => new Uint8Array(0));
    options.signal?.throwIfAborted();
    const { requestId, status, headerList: headers, attempts, durationUs } = response;
    const { waitedUs, queuedUs } = response;
    const reply = { requestId, status, headers, body, attempts, durationUs, waitedUs, queuedUs };
    throw statusError(await toResponse(reply, body.length), toHeaderList(http.headers));
  }

  /**
   * `request` with retries of its own: the runtime retries what may be repeated (GET, HEAD, OPTIONS, PUT, DELETE, and any with an
   * `idempotencyKey`), waits at random up to the bounds and at least as long as `Retry-After` says.
   */
  async requestWithRetry(
    request: ApiRequest,
    options: ApiRetryOptions = {},
  ): Promise<HTTPResponse> {
    const { maxRetries = 3, initialBackoffMs = 1000, maxBackoffMs = 30_000, ...rest } = options;
    const policy: CallPolicy = {
      retry: {
        attempts: attemptsOf("retry.options", maxRetries),
        maxWaitMs: aboveZero("retry.options", "maxBackoffMs", maxBackoffMs),
        wait: [{
          kind: "backoff",
          baseMs: aboveZero("retry.options", "initialBackoffMs", initialBackoffMs),
          maxMs: maxBackoffMs,
        }],
      },
    };
    const http = { ...toHttpRequest(request, this.#defaults), ...rest, policy };
    return await this.#execute(http);
  }

  /** A result for each request, in order; a failed one has its error. */
  async batchRequest(
    requests: Iterable<BatchItem>,
    options: BatchOptions = {},
  ): Promise<BatchResult[]> {
    const batch = this.#batch(options);
    try {
      return await batch.all(requests);
    } finally {
      batch.close();
    }
  }

  /** The same results as they arrive. Leaving the loop cancels what is in flight. */
  async *streamBatch(
    requests: Iterable<BatchItem> | AsyncIterable<BatchItem>,
    options: BatchOptions = {},
  ): AsyncGenerator<BatchResult, void, undefined> {
    const batch = this.#batch(options);
    try {
      yield* batch.results(requests);
    } finally {
      batch.close();
    }
  }

  /** Idempotent. A client that you passed stays open. */
  async close(): Promise<void> {
    if (this.#ownsClient) await this.#client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #batch(options: BatchOptions): Batch {
    return new Batch(options, (request, own) => this.request(request, own));
  }

  async #execute(http: HTTPRequest): Promise<HTTPResponse> {
    const response = await this.#client.executeHTTP(http);
    if (response.status < 400) return response;
    throw statusError(response, toHeaderList(http.headers));
  }
}
