/** The building blocks of generated connectors: everything that generated code imports, and nothing else. */
export { ApiError } from "./answer/api_error.ts";
export { judgeSuccess } from "./answer/judge_success.ts";
export { cursor, linkHeader, nextUrl, offset, pageNumber, single } from "./answer/page_styles.ts";
export { Page, PageCall, pages } from "./answer/pages.ts";
export { binaryResult, jsonResult, noResult, orNothing, textResult } from "./answer/results.ts";
export {
  OperationFailedError,
  waitable,
  WaitableCall,
  type WaitOptions,
} from "./answer/wait_for.ts";
export { usage } from "./answer/usage.ts";
export { firstOf } from "./auth/demand.ts";
export { apiKey, basic, bearer, hookAuth, requestHook } from "./auth/auth.ts";
export { hmac, type HmacOptions } from "./auth/hmac.ts";
export { oauth2, type OAuth2Options } from "./auth/oauth2.ts";
export { awsSigV4, type SigV4Options } from "./auth/sigv4.ts";
export { Call, call, type WithResponse } from "./call/call.ts";
export { ConnectorClient } from "./call/client.ts";
export { runtimeDefaults } from "./call/default_runtime.ts";
export { booleanFromEnv, jsonFromEnv, numberFromEnv } from "./call/env_values.ts";
export { fetchRuntime } from "./call/fetch_runtime.ts";
export { databaseServer } from "./database/address.ts";
export { command, statement } from "./database/query.ts";
export { changedOptions } from "./call/with_options.ts";
export type { AuthStep, ConnectorData } from "./data/connector.ts";
export type { ApiErrorOptions } from "./data/errors.ts";
export type {
  AccumulateHook,
  AuthHook,
  RequestHook,
  ResponseHook,
  VerifyHook,
} from "./data/hooks.ts";
export type { Unrecognized } from "./data/open_types.ts";
export type { OperationData } from "./data/operation.ts";
export type { BodyOptions, CallOptions, ClientOptions } from "./data/options.ts";
export type {
  BinaryInput,
  FileInput,
  HeaderBag,
  NamedFile,
  OutgoingRequest,
} from "./data/request.ts";
export type { ConnectorRuntime } from "./data/runtime.ts";
export type { Accumulator } from "./data/stream.ts";
export type { WebhooksData } from "./data/webhooks.ts";
export type { DigitTable } from "./data/digits.ts";
export {
  defineConnector,
  type DescribedOperation,
  type OperationSchemas,
} from "./definition/define.ts";
export type { ConnectorDefinition, Invocation, JsonSchema } from "./definition/definition.ts";
export {
  digitsBody,
  digitsForm,
  digitsJson,
  digitsQuery,
  digitsResult,
  digitsText,
} from "./digits/digits.ts";
export { binaryBody, formBody, jsonBody, textBody } from "./request/bodies.ts";
export { multipartBody } from "./request/multipart.ts";
export {
  deepObject,
  form,
  jsonQuery,
  jsonText,
  label,
  matrix,
  pipeDelimited,
  simple,
  spaceDelimited,
} from "./request/parameters.ts";
export { placeParameters } from "./request/place_parameters.ts";
export { fillServer } from "./request/server_variables.ts";
export { eventResult, hookResult, merge, rules } from "./stream/accumulators.ts";
export { EventStream } from "./stream/event_stream.ts";
export { byteChunks, jsonSequence, ndjson, sse } from "./stream/formats.ts";
export { TruncatedStreamError } from "./stream/item_source.ts";
export { callOrStream, stream, StreamCall } from "./stream/stream_call.ts";
export type { TeeOptions } from "./stream/tee.ts";
export {
  ed25519Webhook,
  type HeaderPick,
  hmacWebhook,
  hookWebhook,
  tokenWebhook,
  unverifiedWebhook,
} from "./webhooks/verifiers.ts";
export {
  WebhookError,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookOptions,
  type Webhooks,
  webhooks,
} from "./webhooks/webhooks.ts";
export type { CallRetry, RuntimeCall } from "../core/call.ts";
export { ConnectorError, ErrorClass } from "../core/errors.ts";
