/** What generated connectors are made of. Everything that generated code needs is exported here, and nothing else. */
export { type Accumulator } from "./data/accumulate.ts";
export { eventResult, hookResult, merge, rules } from "./stream/accumulators.ts";
export { ApiError, type ApiErrorOptions } from "./answer/api_error.ts";
export { apiKey, type AuthStep, basic, bearer, hookAuth } from "./auth/auth.ts";
export {
  binaryBody,
  type BinaryInput,
  type FileInput,
  formBody,
  jsonBody,
  type NamedFile,
  textBody,
} from "./request/bodies.ts";
export { Call, call, type WithResponse } from "./call/call.ts";
export { ConnectorClient } from "./call/client.ts";
export { runtimeDefaults } from "./call/default_runtime.ts";
export { defineConnector } from "./definition/define.ts";
export type {
  ConnectorDefinition,
  Invocation,
  JsonSchema,
  OperationDefinition,
} from "./definition/definition.ts";
export { booleanFromEnv, jsonFromEnv, numberFromEnv } from "./call/env_values.ts";
export { EventStream } from "./stream/event_stream.ts";
export { fetchRuntime } from "./call/fetch_runtime.ts";
export { byteChunks, jsonSequence, ndjson, sse } from "./stream/formats.ts";
export type {
  AccumulateHook,
  AuthHook,
  RequestHook,
  ResponseHook,
  VerifyHook,
} from "./data/hooks.ts";
export { TruncatedStreamError } from "./stream/item_source.ts";
export { judgeSuccess } from "./answer/judge_success.ts";
export type { Unrecognized } from "./data/open_types.ts";
export type { CallOptions, ClientOptions } from "./data/options.ts";
export type { HeaderBag, OutgoingRequest } from "./request/outgoing.ts";
export { cursor, linkHeader, nextUrl, offset, pageNumber, single } from "./answer/page_styles.ts";
export { Page, PageCall, pages } from "./answer/pages.ts";
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
export { binaryResult, jsonResult, noResult, orNothing, textResult } from "./answer/results.ts";
export type { RuntimeCall } from "../core/call.ts";
export type { ConnectorRuntime } from "./data/runtime.ts";
export type { ConnectorSpec, OperationSpec } from "./data/operation.ts";
export { callOrStream, stream, StreamCall } from "./stream/stream_call.ts";
export type { TeeOptions } from "./stream/tee.ts";
export {
  OperationFailedError,
  waitable,
  WaitableCall,
  type WaitOptions,
} from "./answer/wait_for.ts";
export { ConnectorError, ErrorClass } from "../core/errors.ts";
export { hmac, type HmacOptions } from "./auth/hmac.ts";
export { oauth2, type OAuth2Options } from "./auth/oauth2.ts";
export { awsSigV4, type SigV4Options } from "./auth/sigv4.ts";
export {
  ed25519Webhook,
  type HeaderPick,
  hmacWebhook,
  hookWebhook,
  tokenWebhook,
  unverifiedWebhook,
} from "./webhooks/verifiers.ts";
export { changedOptions } from "./call/with_options.ts";
export {
  WebhookError,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookOptions,
  type Webhooks,
  webhooks,
  type WebhooksSpec,
} from "./webhooks/webhooks.ts";
export { placeParameters } from "./request/place_parameters.ts";
export { fillServer } from "./request/server_variables.ts";
export { multipartBody } from "./request/multipart.ts";
