/** `operations`: each read on its own, then their references to each other. */
import type { Cursor } from "../../load/cursor.ts";
import type { ErrorsModel } from "../../model/error_rule.ts";
import type {
  HttpMethod,
  IdempotencyModel,
  OperationModel,
  PathPart,
} from "../../model/operation.ts";
import type { PolicyModel } from "../../model/policy.ts";
import { readAuth } from "../auth.ts";
import { readBody } from "./body.ts";
import type { Context } from "../context.ts";
import { readRules } from "../errors.ts";
import { readExamples } from "./examples.ts";
import { defined, entriesOf, Fields } from "../fields/fields.ts";
import { readHeaders } from "../headers.ts";
import { useHook } from "../hooks/hooks.ts";
import { isSafe, readIdempotency } from "./idempotency.ts";
import { OperationNamer } from "./names.ts";
import { readPagination } from "../answer/pagination.ts";
import { readParameters } from "./parameters.ts";
import { type RawPath, readPath } from "./path.ts";
import { readPolicy } from "../policy.ts";
import { readResult } from "../answer/result.ts";
import { readServerName } from "../servers.ts";
import { METHODS, OTHER_METHODS } from "../fields/shapes.ts";
import { readStream } from "../answer/stream.ts";
import { readUsage } from "../answer/usage.ts";
import { readWaitFor } from "../answer/wait_for.ts";

/** What an operation inherits from its connector. */
export interface Inherited {
  readonly policy: PolicyModel;
  readonly errors: ErrorsModel;
  readonly idempotency: IdempotencyModel | undefined;
}

type Writable = { -readonly [K in keyof OperationModel]: OperationModel[K] };

export function readOperations(
  ctx: Context,
  cursor: Cursor,
  inherited: Inherited,
): OperationModel[] {
  const namer = new OperationNamer(ctx);
  const entries = entriesOf(
    ctx.report,
    cursor,
    "Write each under its id: `operations: { items.list: { get: /items } }`.",
  );
  if (entries.length === 0 && cursor.kind === "mapping") {
    ctx.report.add(
      "VC1113",
      cursor,
      "There are no operations.",
      "Add one: `items.list: { get: /items }`.",
      "key",
    );
  }
  const read: { fields: Fields; operation: Writable }[] = [];
  for (const [id, at] of entries) {
    const fields = Fields.read(ctx.report, at, "operation");
    const operation = fields && readOperation(ctx, id, fields, namer, inherited);
    if (fields !== undefined && operation !== undefined) read.push({ fields, operation });
  }
  const byId = new Map(read.map(({ operation }) => [operation.id, operation]));
  checkRoutes(ctx, read);
  for (const { fields, operation } of read) {
    const waitFor = fields.at("waitFor");
    const model = waitFor && readWaitFor(ctx, waitFor, operation, byId);
    if (model !== undefined) operation.waitFor = model;
    ctx.later.push(() => {
      operation.examples = readExamples(ctx, fields.list("examples"), operation, inherited.errors);
    });
  }
  return read.map(({ operation }) => operation);
}

function readOperation(
  ctx: Context,
  id: string,
  fields: Fields,
  namer: OperationNamer,
  inherited: Inherited,
): OperationModel | undefined {
  const { cursor } = fields;
  const names = namer.name(id, cursor);
  const route = readRoute(ctx, fields);
  const parameters = readParameters(ctx, fields.at("input"), route?.path);
  const method = route?.method ?? "POST";
  const bodyAt = fields.at("body");
  const body = bodyAt && readBody(ctx, bodyAt, method, parameters);
  const result = readResult(ctx, fields.at("result"), cursor);
  const path = route?.path === undefined ? [] : bindPath(ctx, fields, route.path, parameters);
  const streamAt = fields.at("stream");
  const stream = streamAt && readStream(ctx, streamAt, { body, parameters });
  const resultAt = fields.at("result");
  if (stream?.when.length === 0 && resultAt !== undefined) {
    const help = "Remove it, or say with `when` in which calls the answer is streamed.";
    ctx.report.add(
      "VC1706",
      resultAt,
      "Every call streams, so this result is never used.",
      help,
      "key",
    );
  }
  const usageAt = fields.at("usage");
  const paginateAt = fields.at("paginate");
  const streams = stream !== undefined && stream.when.length === 0;
  const pagination = paginateAt &&
    readPagination(ctx, paginateAt, { parameters, body, result, streams });
  const idempotency = readOwnIdempotency(ctx, fields, method, inherited.idempotency);
  const policyAt = fields.at("policy");
  const policy = policyAt === undefined
    ? inherited.policy
    : readPolicy(ctx, policyAt, inherited.policy);
  const authAt = fields.at("auth");
  const headersAt = fields.at("headers");
  const serverAt = fields.at("server");
  const errors = readRules(ctx, fields.list("errors"), inherited.errors.schema, []);
  const deprecated = readDeprecated(ctx, fields);
  const model = defined({
    id,
    method,
    path,
    pathText: route?.path.text ?? "/",
    server: serverAt === undefined ? "default" : readServerName(ctx, serverAt),
    parameters,
    body,
    result,
    stream,
    usage: usageAt && readUsage(ctx, usageAt, result),
    pagination,
    idempotency,
    policy,
    auth: authAt && readAuth(ctx, authAt),
    headers: headersAt === undefined ? [] : readHeaders(ctx, headersAt),
    errors,
    hooks: readHooks(ctx, fields),
    summary: fields.text("summary"),
    doc: fields.text("description"),
    deprecated,
    tags: fields.texts("tags"),
    link: fields.text("link"),
    examples: [],
    at: ctx.report.position(cursor),
  });
  if (names === undefined || route === undefined) return undefined;
  checkRetry(ctx, fields, method, policy, idempotency, policyAt !== undefined);
  checkHedge(ctx, fields, method, policy, idempotency);
  return { ...model, ...names } as OperationModel;
}

function readRoute(
  ctx: Context,
  fields: Fields,
): { method: HttpMethod; path: RawPath } | undefined {
  const found = METHODS.filter((method) => fields.at(method) !== undefined);
  const methodAt = fields.at("method");
  const pathAt = fields.at("path");
  if (methodAt !== undefined && pathAt !== undefined && found.length === 0) {
    const usual = String(methodAt.value).toLowerCase();
    if (isMethod(usual)) {
      const help = `Write \`${usual}: ${String(pathAt.value)}\`.`;
      ctx.report.add("VC1604", methodAt, "Method and path are one key.", help, "key");
      return undefined;
    }
    const method = fields.choice("method", OTHER_METHODS);
    const path = readPath(ctx, pathAt);
    return method === undefined || path === undefined ? undefined : { method, path };
  }
  const queryAt = fields.at("query");
  if (queryAt?.kind === "mapping") {
    const help = "Parameters are `input: { name: { in: query, type: string } }`.";
    ctx.report.add(
      "VC1104",
      queryAt,
      "`query` is the path of a QUERY, not a mapping.",
      help,
      "key",
    );
    found.splice(found.indexOf("query"), 1);
  }
  if (methodAt !== undefined) found.push("method");
  const [key] = found;
  const at = key === undefined || key === "method" ? undefined : fields.at(key);
  if (key === undefined || at === undefined || found.length > 1) {
    // An unknown key in capitals, or of a database, was reported, with its correct form.
    if (
      found.length === 0 &&
      fields.cursor.keys().some((one) => isMethod(one.toLowerCase()) || OF_DATABASES.has(one))
    ) {
      return undefined;
    }
    const message = found.length === 0
      ? "An operation needs a method with its path."
      : key === "method"
      ? "`method` needs `path` beside it."
      : `An operation has one method, but ${found.join(" and ")} were found.`;
    ctx.report.add(
      "VC1604",
      fields.cursor,
      message,
      "Write one, such as `get: /items/{id}`.",
      "key",
    );
    return undefined;
  }
  const path = readPath(ctx, at);
  return path && { method: key.toUpperCase(), path };
}

const OF_DATABASES = new Set(["sql", "command"]);

function isMethod(key: string): boolean {
  return METHODS.some((method) => method === key);
}

function bindPath(
  ctx: Context,
  fields: Fields,
  path: RawPath,
  parameters: OperationModel["parameters"],
): PathPart[] {
  return path.parts.map((part): PathPart => {
    if (part.kind === "literal") return part;
    const parameter = parameters.find((one) => one.in === "path" && one.wire === part.wire);
    if (parameter !== undefined) return { kind: "param", name: parameter.name };
    const input = fields.at("input");
    // A parameter of that name with a mistake in it has already been reported.
    if (input?.at(part.wire) === undefined || input.at(part.wire)?.at("in")?.value === "query") {
      const at = [...METHODS, "path"].map((key) =>
        fields.at(key)
      ).find((one) => one !== undefined) ??
        fields.cursor;
      const help = `Add \`input: { ${part.wire}: { in: path, type: string } }\`.`;
      ctx.report.add("VC1602", at, `The path parameter \`{${part.wire}}\` is not defined.`, help);
    }
    return { kind: "param", name: part.wire };
  });
}

function readOwnIdempotency(
  ctx: Context,
  fields: Fields,
  method: string,
  inherited: IdempotencyModel | undefined,
): IdempotencyModel | undefined {
  const at = fields.at("idempotency");
  if (at === undefined) return isSafe(method) ? undefined : inherited;
  return at.value === false ? undefined : readIdempotency(ctx, at);
}

/** Sending the same request twice must be a decision, not an accident. */
function checkRetry(
  ctx: Context,
  fields: Fields,
  method: string,
  policy: PolicyModel,
  idempotency: IdempotencyModel | undefined,
  own: boolean,
): void {
  if (isSafe(method) || policy.retry?.unsafe !== "always" || idempotency !== undefined) return;
  const at = fields.at("policy")?.at("retry")?.at("unsafe");
  const help =
    "Use `unsafe: keyed` with `idempotency`, or suppress this with the reason why repeating does no harm.";
  ctx.report.add(
    "VC2001",
    own && at !== undefined ? at : fields.cursor,
    `${method} is repeated after a failure, so it may be carried out twice.`,
    help,
    own && at !== undefined ? "value" : "key",
  );
}

/** Only what may be repeated is sent twice. */
function checkHedge(
  ctx: Context,
  fields: Fields,
  method: string,
  policy: PolicyModel,
  idempotency: IdempotencyModel | undefined,
): void {
  const at = fields.at("policy")?.at("hedge");
  if (at === undefined || policy.hedge === undefined) return;
  const unsafe = policy.retry?.unsafe ?? "keyed";
  const repeatable = isSafe(method) || unsafe === "always" ||
    (unsafe === "keyed" && idempotency !== undefined);
  if (repeatable) return;
  ctx.report.add(
    "VC2008",
    at,
    `${method} must not be carried out twice, so it is never sent a second time beside the first.`,
    "Declare `idempotency`, or with `retry.unsafe: always` that repeating does no harm; or leave `hedge` out.",
    "key",
  );
}

function readHooks(ctx: Context, fields: Fields): OperationModel["hooks"] {
  const at = fields.at("hooks");
  const own = at && Fields.read(ctx.report, at, "operationHooks");
  const request = own?.at("request");
  const response = own?.at("response");
  return defined({
    request: request && useHook(ctx, request, "request"),
    response: response && useHook(ctx, response, "response"),
  }) as OperationModel["hooks"];
}

export function readDeprecated(ctx: Context, fields: Fields): boolean | string | undefined {
  const at = fields.at("deprecated");
  if (at === undefined) return undefined;
  if (at.kind === "text") return String(at.value);
  if (fields.boolean("deprecated") !== true) return undefined;
  const help = "Say what to use: `deprecated: Use items.search.`.";
  ctx.report.add("VC2204", at, "Deprecated without saying what to use instead.", help);
  return true;
}

function checkRoutes(
  ctx: Context,
  read: readonly { fields: Fields; operation: OperationModel }[],
): void {
  const routes = new Map<string, string>();
  for (const { fields, operation } of read) {
    // What is asked for tells a stream from the whole answer.
    const { stream } = operation;
    const format = stream?.when.length === 0 ? stream.format : "";
    const path = operation.pathText.replace(/\{[^{}]*\}/g, "{}");
    const route = `${operation.server} ${operation.method} ${path} ${format}`;
    const other = routes.get(route);
    if (other === undefined) routes.set(route, operation.id);
    else {
      const message = `${operation.method} ${operation.pathText} is also \`${other}\`.`;
      ctx.report.add("VC1615", fields.cursor, message, "Keep one of the two.", "key");
    }
  }
}
