/** Messages, transports that carry them, and a registry of transports. */
export { BinaryMessage } from "./binary_message.ts";
export { DeserializationError, SerializationError } from "./errors.ts";
export { HttpMessage, type HttpMessageFile, type HttpMessageParts } from "./http_message.ts";
export { HttpTransport, httpTransport } from "./http_transport.ts";
export { JsonMessage } from "./json_message.ts";
export type { JsonObject } from "./json_text.ts";
export type { Message, MessageClass } from "./message.ts";
export { TransportRegistry } from "./registry.ts";
export type { MessageTransport, TransportFactory } from "./transport.ts";
