/** The client of a runtime, and the helpers around its responses and errors. */
export { type EngineFigures, RuntimeClient } from "./runtime_client.ts";
export type {
  RuntimeClientOptions,
  RuntimeClientOptions as RuntimeClientConfig,
} from "./options.ts";
export {
  DEFAULT_SOCKET_PATH,
  DEFAULT_TCP_HOST,
  DEFAULT_TCP_PORT,
  DEFAULT_TIMEOUT_MS,
} from "./options.ts";
export type { ClientRequest, HTTPRequest, HTTPRequest as HTTPRequestConfig } from "./request.ts";
export type { BodyInput } from "./body.ts";
export type { HeadersInput } from "./headers.ts";
export type { HTTPResponse, HTTPStreamResponse } from "./response.ts";
export { ResponseBody } from "./response_body.ts";
export { HTTPResponseHelper, type ResponseLike } from "./compat/response_helper.ts";
export { SSEParser, type SSESource } from "./compat/sse_parser.ts";
export { PROTOCOL_CONSTANTS } from "./compat/protocol_constants.ts";
export { MessageType } from "../wire/mod.ts";
export { ConnectorException } from "./compat/exception.ts";
export {
  RetryHelper,
  type RetryOptions,
  retryWithBackoff,
  sleep,
  type SleepOptions,
} from "./retry.ts";
export { DELETE, GET, HEAD, PATCH, POST, PUT, RequestBuilder } from "./compat/builder.ts";
export type { Job, ResultOptions, SubmitOptions } from "./jobs/jobs.ts";
export type { Fetch, FetchInit, FetchInput } from "./fetch.ts";
