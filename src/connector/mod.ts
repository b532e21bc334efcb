/** What generated connectors are made of. Everything that generated code needs is exported here, and nothing else. */
export { type Accumulator } from "./accumulate.ts";
export { eventResult, hookResult, merge, rules } from "./accumulators.ts";
export { ApiError, type ApiErrorOptions } from "./api_error.ts";
export { apiKey, type AuthStep, basic, bearer, hookAuth } from "./auth.ts";
export {
  binaryBody,
  type BinaryInput,
  type FileInput,
  formBody,
  jsonBody,
  type NamedFile,
  textBody,
} from "./bodies.ts";
export { Call, call, type WithResponse } from "./call.ts";
export { ConnectorClient } from "./context.ts";
export { runtimeDefaults } from "./default_runtime.ts";
export { defineConnector } from "./define.ts";
export type {
  ConnectorDefinition,
  Invocation,
  JsonSchema,
  OperationDefinition,
} from "./definition.ts";
export { booleanFromEnv, jsonFromEnv, numberFromEnv } from "./env_values.ts";
export { EventStream } from "./event_stream.ts";
export { fetchRuntime } from "./fetch_runtime.ts";
export { byteChunks, jsonSequence, ndjson, sse } from "./formats.ts";
export type { AccumulateHook, AuthHook, RequestHook, ResponseHook, VerifyHook } from "./hooks.ts";
export { TruncatedStreamError } from "./item_source.ts";
export { judgeSuccess } from "./judge_success.ts";
export type { Unrecognized } from "./open_types.ts";
export type { CallOptions, ClientOptions } from "./options.ts";
export type { HeaderBag, OutgoingRequest } from "./outgoing.ts";
export { cursor, linkHeader, nextUrl, offset, pageNumber, single } from "./page_styles.ts";
export { Page, PageCall, pages } from "./pages.ts";
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
} from "./parameters.ts";
export { binaryResult, jsonResult, noResult, textResult } from "./results.ts";
export type { RuntimeCall } from "../core/call.ts";
export type { ConnectorRuntime } from "./runtime.ts";
export type { ConnectorSpec, OperationSpec } from "./spec.ts";
export { callOrStream, stream, StreamCall } from "./stream_call.ts";
export type { TeeOptions } from "./tee.ts";
export { OperationFailedError, waitable, WaitableCall, type WaitOptions } from "./wait_for.ts";
export { ConnectorError, ErrorClass } from "../core/errors.ts";
export { hmac, type HmacOptions } from "./hmac_auth.ts";
export { oauth2, type OAuth2Options } from "./oauth2.ts";
export { awsSigV4, type SigV4Options } from "./sigv4.ts";
export {
  ed25519Webhook,
  type HeaderPick,
  hmacWebhook,
  hookWebhook,
  tokenWebhook,
  unverifiedWebhook,
} from "./webhook_verifiers.ts";
export { changedOptions } from "./with_options.ts";
export {
  WebhookError,
  type WebhookEvent,
  type WebhookMessage,
  type WebhookOptions,
  type Webhooks,
  webhooks,
  type WebhooksSpec,
} from "./webhooks.ts";
export { placeParameters } from "./place_parameters.ts";
export { fillServer } from "./server_variables.ts";
export { multipartBody } from "./multipart.ts";
