import type { Message } from "./message.ts";

/** Whatever carries messages: over HTTP, as the one here, or over anything that a program brings. */
export interface MessageTransport<Sent extends Message, Received extends Message = Sent> {
  /** Idempotent. */
  connect(): Promise<void>;
  /** Idempotent. What is under way ends; `receive` ends. */
  disconnect(): Promise<void>;
  /** Rejects when the message cannot be sent. Answers come by `receive`. */
  send(message: Sent, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** What comes, until the transport is disconnected; failures of what was sent are thrown here. */
  receive(): AsyncIterable<Received>;
}

/** Makes transports of one kind. */
export type TransportFactory<Options, T> = (options: Options) => T;
