/** Connectors over HTTP, on any runtime with the fetch API. */
export { type ApiKey, createKey, keyId, type NewKey } from "./access/api_key.ts";
export { apiKeys, type KeySource } from "./access/api_keys.ts";
export { AccessRefused, type Authenticator } from "./access/authenticator.ts";
export type { Caller, Grant, Rules } from "./access/caller.ts";
export { DEVELOPMENT_NOTICE } from "./access/development.ts";
export type { Access } from "./access/guard.ts";
export { jwt, type JwtOptions } from "./access/jwt.ts";
export type { RequestLimit } from "./access/tenant_limits.ts";
export { createWorker, type Worker } from "./app.ts";
export type { Mistake } from "../schema/explain.ts";
export type { CheckResult, Readiness } from "./health.ts";
export { callOperation, type CallOperationOptions, InvalidInputError } from "./call_operation.ts";
export type {
  ConnectorDescription,
  ConnectorSummary,
  OperationDescription,
  OperationSummary,
} from "./describe.ts";
export type { WorkerPart } from "./part.ts";
export { type ConsoleOptions, consolePage, type ConsoleStandIn } from "./parts/console_part.ts";
export { figures } from "./parts/figures_part.ts";
export type { Figures } from "./figures/figures.ts";
export { openApiDocument, type OpenApiOptions } from "./openapi/document.ts";
export { type LoginOptions } from "./oauth/logins.ts";
export { logins } from "./oauth/login_part.ts";
export { deviceLogin, type DevicePrompt, type OAuthProvider } from "./oauth/provider.ts";
export { createSeal, type Seal } from "./oauth/seal.ts";
export { type TokenStorage, TokenVault } from "./oauth/token_vault.ts";
export { openApi } from "./parts/openapi_part.ts";
export { apiReference, type ApiReferenceOptions } from "./parts/reference_part.ts";
export type { WorkerOptions } from "./options/options.ts";
export type { ConnectorConfig } from "./options/connector_config.ts";
export type { WorkerRuntime } from "./options/serving_options.ts";
export type { WorkerTenant, WorkerTenants } from "./options/tenants.ts";
export type { Problem } from "./problem/problem.ts";
