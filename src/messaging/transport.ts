import type { Message } from "./message.ts";

/** Carries messages: over HTTP, like the one here, or over anything that a program provides. */
export interface MessageTransport<Sent extends Message, Received extends Message = Sent> {
  /** Idempotent. */
  connect(): Promise<void>;
  /** Idempotent. Ends what is in progress, and `receive`. */
  disconnect(): Promise<void>;
  /** Rejects if the message cannot be sent. Responses arrive through `receive`. */
  send(message: Sent, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Incoming messages, until the transport is disconnected; failures of sent messages are thrown here. */
  receive(): AsyncIterable<Received>;
}

/** Creates transports of one kind. */
export type TransportFactory<Options, T> = (options: Options) => T;
