import type { SelectorPath } from "../../sse/mod.ts";
import type { ClientState } from "./connector.ts";
import type { JsonReader } from "./digits.ts";
import type { HeaderBag } from "./request.ts";

export interface ReceivedWebhook {
  readonly headers: HeaderBag;
  readonly body: Uint8Array;
}

/** Throws a `WebhookError` if the message is not authentic. `secrets`: those given with the message. */
export type WebhookVerifier = (
  message: ReceivedWebhook,
  client: ClientState,
  now: number,
  secrets: readonly string[] | undefined,
) => void | Promise<void>;

export interface WebhooksData {
  readonly verify: WebhookVerifier;
  /** Where to find the event's name. */
  readonly name: { readonly body: SelectorPath } | { readonly header: string };
  /** Read the messages of these events. Others are read as JSON. */
  readonly parse?: Readonly<Record<string, JsonReader>>;
}
