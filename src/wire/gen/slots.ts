// Generated from schemas/connector_ipc.fbs by tools/gen_wire.ts. Do not edit.

/** Field numbers of each table, for the bounds-checked reader. */
export const CallErrorSlots = {
  errorClass: 0,
  code: 1,
  message: 2,
  origin: 3,
  sent: 4,
  status: 5,
  retryAfterMs: 6,
  attempts: 7,
  requestId: 8,
  waitedUs: 9,
  queuedUs: 10,
} as const;

export const CallHeadSlots = {
  callId: 0,
  status: 1,
  headers: 2,
  body: 3,
  bodyFollows: 4,
  attempts: 5,
  durationUs: 6,
  requestId: 7,
  url: 8,
  waitedUs: 9,
  queuedUs: 10,
  hedges: 11,
  kept: 12,
} as const;

export const CallRetrySlots = {
  callId: 0,
  attempts: 1,
  waitMs: 2,
  status: 3,
  code: 4,
} as const;

export const CallStartSlots = {
  callId: 0,
  tenantId: 1,
  workspaceId: 2,
  traceId: 3,
  connector: 4,
  operation: 5,
  method: 6,
  url: 7,
  headers: 8,
  body: 9,
  bodyFollows: 10,
  timeoutMs: 11,
  idempotencyKey: 12,
  traceparent: 13,
  connectTimeoutMs: 14,
  firstByteTimeoutMs: 15,
  idleTimeoutMs: 16,
  idempotent: 17,
  secretHeaders: 18,
  redirects: 19,
  retry: 20,
  rateLimit: 21,
  hedgeAfterMs: 22,
  hedgeAttempts: 23,
  reportRetries: 24,
  keep: 25,
} as const;

export const CancelSlots = {
  callId: 0,
} as const;

export const CreditUpdateSlots = {
  creditDelta: 0,
  totalCredits: 1,
  callId: 2,
} as const;

export const DataSlots = {
  callId: 0,
  bytes: 1,
} as const;

export const EndSlots = {
  callId: 0,
  trailers: 1,
  error: 2,
} as const;

export const ExecuteRequestSlots = {
  requestId: 0,
  tenantId: 1,
  workspaceId: 2,
  traceId: 3,
  connectorName: 4,
  operation: 5,
  deadlineAtMs: 6,
  payload: 7,
  headers: 8,
} as const;

export const ExecuteResponseSlots = {
  requestId: 0,
  errorClass: 1,
  errorMessage: 2,
  payload: 3,
  durationUs: 4,
} as const;

export const GoAwaySlots = {
  code: 0,
  message: 1,
} as const;

export const HealthCheckResponseSlots = {
  healthy: 0,
  message: 1,
  activeRequests: 2,
  availableCredits: 3,
} as const;

export const HelloSlots = {
  version: 0,
  features: 1,
  maxFrameBytes: 2,
  client: 3,
  token: 4,
  callCredit: 5,
  connectionCredit: 6,
} as const;

export const KeepSlots = {
  id: 0,
  from: 1,
  stop: 2,
} as const;

export const KeyValueSlots = {
  key: 0,
  value: 1,
} as const;

export const RateLimitPolicySlots = {
  calls: 0,
  perMs: 1,
  burst: 2,
  limitHeader: 3,
  remainingHeader: 4,
  resetHeader: 5,
  resetFormats: 6,
} as const;

export const RetryConditionSlots = {
  on: 0,
  from: 1,
  to: 2,
} as const;

export const RetryPolicySlots = {
  attempts: 0,
  on: 1,
  unsafe: 2,
  maxWaitMs: 3,
  wait: 4,
  rules: 5,
} as const;

export const RetryWaitSlots = {
  header: 0,
  formats: 1,
  baseMs: 2,
  maxMs: 3,
} as const;

export const WelcomeSlots = {
  version: 0,
  features: 1,
  maxFrameBytes: 2,
  server: 3,
  callCredit: 4,
  connectionCredit: 5,
  maxOpenCalls: 6,
} as const;

