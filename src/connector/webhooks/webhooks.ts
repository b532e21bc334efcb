/** Messages that APIs send: verified, parsed, named. */
import { systemClock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { readRequest } from "../../core/read_limited.ts";
import { select } from "../../sse/mod.ts";
import { ConnectorClient, positive } from "../call/client.ts";
import { headerBag } from "../request/outgoing.ts";
import type { ReceivedWebhook, WebhooksData } from "../data/webhooks.ts";

/** A Request, or headers and the unparsed body: parsed and serialised again, it would not match its signature. */
export type WebhookMessage = Request | {
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string | Uint8Array;
};

export interface WebhookEvent<Name extends string, Payload> {
  readonly name: Name;
  readonly payload: Payload;
}

export interface WebhookOptions {
  /** Largest body in bytes; anyone who knows the address can send one. Default: 1 MiB. */
  readonly maxBytes?: number | undefined;
  /**
   * Replaces the configured secret, token or public key. If there are several, any may match: during a rotation messages
   * are signed with either.
   */
  readonly secret?: string | readonly string[] | undefined;
}

/** The message is not authentic, too old, or not readable. Answer it with status 400 and do nothing else. */
export class WebhookError extends ConnectorError {
  override readonly name: string = "WebhookError";

  constructor(code: string, message: string, cause?: unknown) {
    super({
      errorClass: ErrorClass.InvalidRequest,
      code,
      message,
      origin: "upstream",
      sent: "committed",
      cause,
    });
  }
}

export interface Webhooks<Event> {
  /**
   * The event, if its signature is valid. Rejects with a {@link WebhookError}: `webhook.missing_header`,
   * `webhook.signature`, `webhook.timestamp`, `webhook.too_large`, `webhook.secret` or `webhook.body`.
   */
  verify(message: WebhookMessage, options?: WebhookOptions): Promise<Event>;
}

const MAX_BYTES = 1024 * 1024;

export function webhooks<Event>(client: ConnectorClient, data: WebhooksData): Webhooks<Event> {
  const state = ConnectorClient.stateOf(client);
  return {
    async verify(message, { maxBytes = MAX_BYTES, secret } = {}) {
      const received = await receive(message, positive("maxBytes", maxBytes));
      const now = (state.options.clock ?? systemClock).now();
      await data.verify(received, state, now, typeof secret === "string" ? [secret] : secret);
      const payload = parse(received.body, JSON.parse);
      const name = "header" in data.name
        ? received.headers[data.name.header.toLowerCase()]
        : select(data.name.body, payload);
      if (typeof name !== "string") {
        throw new WebhookError("webhook.body", "The message does not say which event it is");
      }
      const own = data.parse !== undefined && Object.hasOwn(data.parse, name)
        ? data.parse[name]
        : undefined;
      return { name, payload: own ? parse(received.body, own) : payload } as Event;
    },
  };
}

async function receive(message: WebhookMessage, maxBytes: number): Promise<ReceivedWebhook> {
  const tooLarge = (): WebhookError =>
    new WebhookError(
      "webhook.too_large",
      `The message is larger than the ${maxBytes} bytes that maxBytes allows`,
    );
  if (message instanceof Request) {
    if (message.bodyUsed || message.body?.locked) {
      throw new WebhookError(
        "webhook.body",
        "The body of the request was already read: verify the request first, or give { headers, body }",
      );
    }
    const body = await readRequest(message, maxBytes, tooLarge).catch((error: unknown) => {
      if (error instanceof WebhookError) throw error;
      throw new WebhookError("webhook.body", "The message ended early", error);
    });
    return { headers: headerBag(message.headers), body };
  }
  const body = typeof message.body === "string"
    ? new TextEncoder().encode(message.body)
    : message.body;
  if (body.length > maxBytes) throw tooLarge();
  return { headers: headerBag(headerEntries(message.headers)), body };
}

function headerEntries(
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>,
): Iterable<readonly [string, string]> {
  if (headers instanceof Headers) return headers;
  return Object.entries(headers).flatMap(([name, value]): (readonly [string, string])[] =>
    value === undefined ? [] : [[name, typeof value === "string" ? value : value.join(", ")]]
  );
}

function parse(body: Uint8Array, read: (text: string) => unknown): unknown {
  try {
    return read(new TextDecoder().decode(body));
  } catch (cause) {
    throw new WebhookError("webhook.body", "The message is not JSON", cause);
  }
}
