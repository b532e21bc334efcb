/**
 * Vastar Connector: calls to external APIs through one runtime, in this process, behind a Unix socket or behind TCP.
 *
 * ```ts
 * import { RuntimeClient } from "@vastar/connector";
 *
 * await using client = new RuntimeClient();
 * const response = await client.executeHTTP({ url: "https://api.github.com/zen" });
 * console.log(response.statusCode, response.text());
 * ```
 *
 * @module
 */
export {
  ApiClient,
  type ApiClientOptions,
  type ApiRequest,
  type ApiRequestOptions,
  type ApiRetryOptions,
  BadRequestError,
  type BatchItem,
  type BatchOptions,
  type BatchResult,
  ClientError,
  ContentTooLargeError,
  type Fields,
  type FileInput,
  ForbiddenError,
  HttpStatusError,
  NotFoundError,
  RequestTimeoutError,
  ServerError,
  TooManyRequestsError,
  UnauthorizedError,
} from "./src/api/mod.ts";
export {
  type BodyInput,
  type ClientRequest,
  ConnectorException,
  DEFAULT_SOCKET_PATH,
  DEFAULT_TCP_HOST,
  DEFAULT_TCP_PORT,
  DEFAULT_TIMEOUT_MS,
  DELETE,
  type Fetch,
  type FetchInit,
  type FetchInput,
  GET,
  HEAD,
  type HeadersInput,
  type HTTPRequest,
  type HTTPRequestConfig,
  type HTTPResponse,
  HTTPResponseHelper,
  type HTTPStreamResponse,
  type Job,
  MessageType,
  PATCH,
  POST,
  PROTOCOL_CONSTANTS,
  PUT,
  RequestBuilder,
  ResponseBody,
  type ResponseLike,
  type ResultOptions,
  RetryHelper,
  type RetryOptions,
  retryWithBackoff,
  RuntimeClient,
  type RuntimeClientConfig,
  type RuntimeClientOptions,
  sleep,
  type SleepOptions,
  SSEParser,
  type SSESource,
  type SubmitOptions,
} from "./src/client/mod.ts";
export type {
  CallPolicy,
  CallReply,
  CallRequest,
  HeaderList,
  Health,
  Transport,
} from "./src/core/call.ts";
export type { Clock } from "./src/core/clock.ts";
export {
  ConnectorError,
  type ConnectorErrorOptions,
  ErrorClass,
  type ErrorClassName,
  errorClassName,
  type Origin,
  type Sent,
} from "./src/core/errors.ts";
export type { Platform } from "./src/core/platform.ts";
export {
  BinaryMessage,
  DeserializationError,
  HttpMessage,
  type HttpMessageFile,
  type HttpMessageParts,
  HttpTransport,
  httpTransport,
  JsonMessage,
  type JsonObject,
  type Message,
  type MessageClass,
  type MessageTransport,
  SerializationError,
  type TransportFactory,
  TransportRegistry,
} from "./src/messaging/mod.ts";
export {
  type DecodeOptions,
  parseJsonSequence,
  parseLines,
  parseSSE,
  selector,
  type ServerSentEvent,
} from "./src/sse/mod.ts";
export { formatAddress, parseAddress, type RuntimeAddress } from "./src/transport/mod.ts";
