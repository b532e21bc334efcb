import { ApiClient, type ApiClientOptions } from "../api/mod.ts";
import type { HTTPResponse } from "../client/mod.ts";
import { follow } from "../concurrency/follow.ts";
import { type ConnectorError, invalidRequest } from "../core/errors.ts";
import { HttpMessage } from "./http_message.ts";
import type { MessageTransport } from "./transport.ts";

/** A response waiting to be received, or why there is none. */
type Arrived = { readonly message: HttpMessage } | { readonly error: unknown };

/** Sends HttpMessages as requests through a runtime; responses are received in the order of arrival. */
export class HttpTransport implements MessageTransport<HttpMessage> {
  readonly #options: ApiClientOptions;
  readonly #arrived: Arrived[] = [];
  #api: ApiClient | undefined;
  /** Of what was sent since the last `connect`. */
  #calls = new AbortController();
  #wake: () => void = () => {};

  constructor(options: ApiClientOptions = {}) {
    this.#options = options;
  }

  async connect(): Promise<void> {
    this.#api ??= new ApiClient(this.#options);
    await this.#api.client.connect();
  }

  async disconnect(): Promise<void> {
    const api = this.#api;
    this.#api = undefined;
    this.#calls.abort();
    this.#calls = new AbortController();
    this.#wake();
    await api?.close();
  }

  async send(
    message: HttpMessage,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    const api = this.#api;
    if (api === undefined) throw notConnected();
    const arrive = (arrived: Arrived) => {
      if (api !== this.#api) return;
      this.#arrived.push(arrived);
      this.#wake();
    };
    const { controller: { signal }, leave } = follow(this.#calls.signal, options.signal);
    api.request(message.toRequest(), { signal }).then(
      (response) => arrive({ message: toMessage(response) }),
      (error: unknown) => arrive({ error }),
    ).finally(leave);
  }

  /** For one reader at a time. */
  async *receive(): AsyncGenerator<HttpMessage, void, undefined> {
    if (this.#api === undefined) throw notConnected();
    for (;;) {
      const next = this.#arrived.shift();
      if (next !== undefined) {
        if ("error" in next) throw next.error;
        yield next.message;
      } else if (this.#api === undefined) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

/** The factory of {@link HttpTransport}, for a registry. */
export function httpTransport(options: ApiClientOptions = {}): HttpTransport {
  return new HttpTransport(options);
}

function toMessage(response: HTTPResponse): HttpMessage {
  const { status, headers, body } = response;
  return new HttpMessage({
    status,
    headers,
    content: body,
    ...(response.url && { url: response.url }),
  });
}

function notConnected(): ConnectorError {
  return invalidRequest(
    "transport.unconnected",
    "The transport is not connected: call `connect` first",
  );
}
