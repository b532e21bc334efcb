/** Which keys each mapping of the language has. The JSON Schema for editors is tested against this table. */
import { DATABASE_SHAPES, type DatabaseShapeName } from "./database_shapes.ts";
import type { Shape } from "./shape.ts";

/** Keys of an operation that give method and path. */
export const METHODS: readonly string[] = [
  "get",
  "put",
  "post",
  "delete",
  "patch",
  "head",
  "options",
  "trace",
  "query",
];

/** Given by `method` and `path`: those that are seldom used have no key of their own. */
export const OTHER_METHODS: readonly string[] = [
  "COPY",
  "LINK",
  "LOCK",
  "MKCOL",
  "MOVE",
  "PROPFIND",
  "PROPPATCH",
  "PURGE",
  "REPORT",
  "SEARCH",
  "UNLINK",
  "UNLOCK",
];

export type ShapeName =
  | DatabaseShapeName
  | "connector"
  | "server"
  | "serverVariable"
  | "authNone"
  | "authAnyOf"
  | "authBearer"
  | "authApiKey"
  | "authBasic"
  | "authOauth2"
  | "authAwsSigV4"
  | "authHmac"
  | "authHook"
  | "policy"
  | "timeout"
  | "retry"
  | "hedge"
  | "waitHeader"
  | "waitBackoff"
  | "backoff"
  | "rateLimit"
  | "rate"
  | "idempotency"
  | "errors"
  | "errorRule"
  | "check"
  | "operation"
  | "operationHooks"
  | "body"
  | "bodyAlternative"
  | "result"
  | "stream"
  | "part"
  | "streamError"
  | "streamText"
  | "accumulateMerge"
  | "accumulateEvent"
  | "accumulateRules"
  | "accumulateHook"
  | "accumulateRule"
  | "usage"
  | "paginateLinkHeader"
  | "paginateNextUrl"
  | "paginateCursor"
  | "paginateOffset"
  | "paginatePage"
  | "paginateSingle"
  | "waitFor"
  | "example"
  | "webhooks"
  | "webhookEvent"
  | "verifyNone"
  | "verifyHmac"
  | "verifyEd25519"
  | "verifyToken"
  | "verifyHook"
  | "headerPick"
  | "hook";

export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  ...DATABASE_SHAPES,
  connector: {
    what: "a connector",
    required: ["connector", "id", "version", "servers", "operations"],
    optional: [
      "protocol",
      "name",
      "title",
      "description",
      "link",
      "config",
      "auth",
      "headers",
      "policy",
      "idempotency",
      "errors",
      "check",
      "types",
      "webhooks",
      "hooks",
    ],
    extensible: true,
  },
  server: { what: "a server", required: ["url"], optional: ["description", "variables"] },
  serverVariable: {
    what: "a server variable",
    required: [],
    optional: ["pattern", "enum", "default", "config", "description"],
  },
  authNone: { what: "auth of type none", required: ["type"], optional: [] },
  authAnyOf: { what: "alternatives of auth", required: ["anyOf"], optional: [] },
  authBearer: { what: "auth of type bearer", required: ["type", "token"], optional: [] },
  authApiKey: {
    what: "auth of type apiKey",
    required: ["type", "in", "name", "value"],
    optional: [],
  },
  authBasic: {
    what: "auth of type basic",
    required: ["type", "username"],
    optional: ["password"],
  },
  authOauth2: {
    what: "auth of type oauth2",
    required: ["type", "flow", "tokenUrl", "clientId"],
    optional: ["clientSecret", "refreshToken", "scopes", "audience", "clientAuth"],
  },
  authAwsSigV4: {
    what: "auth of type awsSigV4",
    required: ["type", "accessKeyId", "secretAccessKey", "region", "service"],
    optional: ["sessionToken"],
  },
  authHmac: {
    what: "auth of type hmac",
    required: ["type", "secret", "sign", "header"],
    optional: ["algorithm", "encoding", "value", "extra"],
  },
  authHook: { what: "auth of type hook", required: ["type", "hook"], optional: [] },
  policy: { what: "a policy", required: [], optional: ["timeout", "retry", "hedge", "rateLimit"] },
  hedge: { what: "hedging", required: ["after"], optional: ["attempts"] },
  timeout: {
    what: "a timeout",
    required: [],
    optional: ["connect", "firstByte", "idle", "total"],
  },
  retry: {
    what: "a retry policy",
    required: [],
    optional: ["attempts", "on", "unsafe", "maxWait", "wait"],
  },
  waitHeader: { what: "a wait from a header", required: ["header", "as"], optional: [] },
  waitBackoff: { what: "a wait by backoff", required: ["backoff"], optional: [] },
  backoff: { what: "a backoff", required: ["base", "max"], optional: [] },
  rateLimit: {
    what: "a rate limit",
    required: [],
    optional: ["rate", "limit", "remaining", "reset"],
  },
  rate: { what: "a rate", required: ["calls", "per"], optional: ["burst"] },
  idempotency: { what: "idempotency", required: ["header"], optional: ["generate"] },
  errors: {
    what: "the section `errors`",
    required: [],
    optional: ["message", "code", "requestId", "type", "rules"],
  },
  errorRule: {
    what: "an error rule",
    required: ["class"],
    optional: ["status", "body", "headers", "retry", "message", "type", "description"],
  },
  check: { what: "the check", required: ["operation"], optional: ["input"] },
  operation: {
    what: "an operation",
    required: [],
    optional: [
      ...METHODS,
      "method",
      "path",
      "summary",
      "description",
      "link",
      "tags",
      "deprecated",
      "server",
      "auth",
      "headers",
      "policy",
      "idempotency",
      "input",
      "body",
      "result",
      "stream",
      "usage",
      "paginate",
      "waitFor",
      "errors",
      "hooks",
      "examples",
    ],
    extensible: true,
  },
  operationHooks: { what: "an operation's hooks", required: [], optional: ["request", "response"] },
  body: {
    what: "a body",
    required: [],
    optional: [
      "json",
      "form",
      "multipart",
      "binary",
      "text",
      "contentType",
      "optional",
      "as",
      "nested",
      "arrays",
      "parts",
      "alternatives",
    ],
  },
  bodyAlternative: {
    what: "an alternative of a body",
    required: [],
    optional: [
      "json",
      "form",
      "multipart",
      "binary",
      "text",
      "contentType",
      "nested",
      "arrays",
      "parts",
    ],
  },
  part: {
    what: "a field of a form",
    required: [],
    optional: ["contentType", "arrays", "headers"],
  },
  result: {
    what: "a result",
    required: [],
    optional: ["json", "binary", "text", "select", "mayBeEmpty", "accept"],
  },
  stream: {
    what: "a stream",
    required: ["format"],
    optional: ["when", "item", "done", "events", "error", "text", "accumulate", "accept"],
  },
  streamText: { what: "the text of an item", required: ["from"], optional: ["when"] },
  streamError: { what: "an error by event", required: ["event"], optional: ["message"] },
  accumulateMerge: {
    what: "an accumulator of style merge",
    required: ["style", "result"],
    optional: ["concat", "index", "rename", "set"],
  },
  accumulateEvent: {
    what: "an accumulator of style event",
    required: ["style", "result", "when"],
    optional: ["take"],
  },
  accumulateRules: {
    what: "an accumulator of style rules",
    required: ["style", "result", "rules"],
    optional: [],
  },
  accumulateHook: {
    what: "an accumulator of style hook",
    required: ["style", "result", "hook"],
    optional: [],
  },
  accumulateRule: {
    what: "an accumulator rule",
    required: [],
    optional: ["when", "set", "merge", "concat", "push", "parse", "from"],
  },
  usage: {
    what: "the usage",
    required: [],
    optional: ["input", "output", "total", "cached"],
  },
  paginateLinkHeader: {
    what: "pagination of style link-header",
    required: ["style", "items"],
    optional: ["rel", "size", "sameOrigin", "stopOnEmpty", "maxPages"],
  },
  paginateNextUrl: {
    what: "pagination of style next-url",
    required: ["style", "items", "next"],
    optional: ["size", "sameOrigin", "stopOnEmpty", "maxPages"],
  },
  paginateCursor: {
    what: "pagination of style cursor",
    required: ["style", "items", "next", "param"],
    optional: ["more", "size", "stopOnEmpty", "maxPages"],
  },
  paginateOffset: {
    what: "pagination of style offset",
    required: ["style", "items", "param"],
    optional: ["start", "total", "more", "size", "maxPages"],
  },
  paginatePage: {
    what: "pagination of style page",
    required: ["style", "items", "param"],
    optional: ["start", "pages", "total", "more", "size", "maxPages"],
  },
  paginateSingle: {
    what: "pagination of style single",
    required: ["style", "items"],
    optional: [],
  },
  waitFor: {
    what: "a waitFor",
    required: ["poll", "until"],
    optional: ["input", "failed", "interval", "maxInterval", "result"],
  },
  example: {
    what: "an example",
    required: ["name"],
    optional: ["description", "input", "output", "events", "status", "headers"],
  },
  webhooks: {
    what: "the webhooks",
    required: ["verify", "name", "events"],
    optional: [],
  },
  webhookEvent: {
    what: "a webhook event",
    required: ["type"],
    optional: ["description", "deprecated", "example"],
  },
  verifyNone: { what: "verification of type none", required: ["type"], optional: [] },
  verifyHmac: {
    what: "verification of type hmac",
    required: ["type", "secret", "signature"],
    optional: [
      "algorithm",
      "secretEncoding",
      "secretPrefix",
      "encoding",
      "timestamp",
      "id",
      "sign",
      "tolerance",
    ],
  },
  verifyEd25519: {
    what: "verification of type ed25519",
    required: ["type", "publicKey", "signature"],
    optional: ["keyEncoding", "encoding", "timestamp", "sign", "tolerance"],
  },
  verifyToken: {
    what: "verification of type token",
    required: ["type", "header", "token"],
    optional: [],
  },
  verifyHook: { what: "verification of type hook", required: ["type", "hook"], optional: [] },
  headerPick: {
    what: "a value in a header",
    required: ["header"],
    optional: ["format", "prefix", "key"],
  },
  hook: {
    what: "a hook",
    required: ["kind", "module", "export"],
    optional: ["description"],
  },
};
