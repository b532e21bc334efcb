/** Reads a whole spec: its parts in order of dependency. */
import type { Cursor } from "../load/cursor.ts";
import type { SourceDocument } from "../load/source.ts";
import type { CheckModel, ConnectorModel } from "../model/ir.ts";
import type { OperationModel } from "../model/operation.ts";
import type { Json } from "../model/selector.ts";
import type { Protocol } from "../model/database.ts";
import { nameRows, type OpenLock, readDatabase } from "./database/connector.ts";
import { PROTOCOL_NAMES } from "./database/protocols.ts";
import { readAuth } from "./auth.ts";
import { readConfig } from "./config.ts";
import type { Context } from "./context.ts";
import { readErrors } from "./errors.ts";
import {
  capital,
  defined,
  describe,
  entriesOf,
  Fields,
  isKind,
  readChoice,
} from "./fields/fields.ts";
import { readHeaders } from "./headers.ts";
import type { OpenHookModule } from "./hooks/modules.ts";
import { readHooks } from "./hooks/hooks.ts";
import { readIdempotency } from "./operation/idempotency.ts";
import { isIdentifier, isTakenType, pascalCase } from "./names.ts";
import { checkInput, needsInput } from "./operation/input.ts";
import { readOperations } from "./operation/operations.ts";
import { NO_POLICY, readPolicy } from "./policy.ts";
import type { Report } from "./report/report.ts";
import { readSchema, readTyped } from "./schema/schema.ts";
import { readServers } from "./servers.ts";
import { didYouMean } from "./report/suggest.ts";
import { checkEndless, rootsOf, typeModels } from "./types/graph.ts";
import { TypeTable } from "./types/table.ts";
import { checkUnused } from "./unused.ts";
import { tellMisfits } from "./value/value.ts";
import { readWebhooks } from "./webhooks.ts";

export type Checked = Omit<ConnectorModel, "specHash" | "files">;

const FORMAT: ConnectorModel["format"] = 1;
export const ID: RegExp = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** What could be read; only use it if `report` has no errors. */
export function readConnector(
  root: Cursor,
  own: ReadonlySet<SourceDocument>,
  report: Report,
  hookModules?: OpenHookModule,
  openLock?: OpenLock,
): Checked | undefined {
  const protocol = readProtocol(report, root);
  // All else that would be said follows from it.
  if (protocol === undefined) return undefined;
  const fields = Fields.read(
    report,
    root,
    protocol === "http" ? "connector" : "databaseConnector",
  );
  if (fields === undefined) return undefined;
  const ctx = newContext(root, own, report, hookModules);
  const head = readHead(report, fields);
  declareTypes(ctx, fields);
  within(fields, "config", (at) => readConfig(ctx, at));
  ctx.readTypes();
  runLater(ctx);
  return protocol === "http"
    ? readApi(ctx, fields, head)
    : readQueries(ctx, fields, head, protocol, openLock);
}

function readApi(ctx: Context, fields: Fields, head: Head): Checked {
  within(fields, "hooks", (at) => readHooks(ctx, at));
  within(fields, "servers", (at) => readServers(ctx, at));
  const auth = within(fields, "auth", (at) => readAuth(ctx, at)) ?? [];
  const headers = within(fields, "headers", (at) => readHeaders(ctx, at)) ?? [];
  const policy = within(fields, "policy", (at) => readPolicy(ctx, at, NO_POLICY)) ?? NO_POLICY;
  const idempotency = within(fields, "idempotency", (at) => readIdempotency(ctx, at));
  const errors = within(fields, "errors", (at) => readErrors(ctx, at)) ?? NO_ERRORS;
  const operations = within(
    fields,
    "operations",
    (at) => readOperations(ctx, at, { policy, errors, idempotency }),
  ) ?? [];
  const webhooks = within(fields, "webhooks", (at) => readWebhooks(ctx, at));
  ctx.readTypes();
  runLater(ctx);
  checkKeyed(ctx, fields, operations);
  const check = within(fields, "check", (at) => readCheck(ctx, at, operations));
  checkEndless(ctx);
  const roots = rootsOf(operations, errors, webhooks);
  checkUnused(ctx, [...roots.request, ...roots.response]);
  return defined({
    format: FORMAT,
    ...head,
    servers: [...ctx.servers.values()],
    config: [...ctx.config.values()],
    auth,
    headers,
    policy,
    errors,
    check,
    operations,
    types: typeModels(ctx, roots),
    webhooks,
    hooks: [...ctx.hooks.values()],
  });
}

function readQueries(
  ctx: Context,
  fields: Fields,
  head: Head,
  protocol: Protocol,
  openLock: OpenLock | undefined,
): Checked {
  const { operations: read, ...database } = readDatabase(ctx, fields, protocol, openLock);
  ctx.readTypes();
  runLater(ctx);
  const check = within(fields, "check", (at) => readCheck(ctx, at, read));
  checkEndless(ctx);
  const roots = rootsOf(read, NO_ERRORS, undefined);
  checkUnused(ctx, [...roots.request, ...roots.response]);
  const { operations, types } = nameRows(ctx, read);
  return defined({
    format: FORMAT,
    ...head,
    ...database,
    config: [...ctx.config.values()],
    auth: [],
    headers: [],
    errors: NO_ERRORS,
    check,
    operations,
    types: [...typeModels(ctx, roots), ...types],
    hooks: [],
  });
}

const NO_ERRORS: ConnectorModel["errors"] = { rules: [] };

function readProtocol(report: Report, root: Cursor): Protocol | "http" | undefined {
  const at = root.at("protocol");
  return at === undefined ? "http" : readChoice(report, at, PROTOCOL_NAMES);
}

function within<T>(fields: Fields, key: string, read: (at: Cursor) => T): T | undefined {
  const at = fields.at(key);
  return at === undefined ? undefined : read(at);
}

function newContext(
  root: Cursor,
  own: ReadonlySet<SourceDocument>,
  report: Report,
  hookModules: OpenHookModule | undefined,
): Context {
  const types = new TypeTable();
  const ctx: Context = {
    report,
    root,
    own,
    types,
    readSchema,
    readTyped,
    readTypes: () => {
      for (let entry = types.nextUnread(); entry !== undefined; entry = types.nextUnread()) {
        entry.schema = readSchema(ctx, entry.cursor);
      }
    },
    config: new Map(),
    usedConfig: new Set(),
    hooks: new Map(),
    usedHooks: new Set(),
    hookModules,
    servers: new Map(),
    errorClasses: new Map(),
    later: [],
  };
  return ctx;
}

function runLater(ctx: Context): void {
  for (const task of ctx.later.splice(0)) task();
}

/** Types are named first, so that everything can refer to everything. */
function declareTypes(ctx: Context, fields: Fields): void {
  const at = fields.at("types");
  if (at === undefined) return;
  for (const [name, type] of entriesOf(ctx.report, at)) {
    // Names of an imported file follow its own rules; those written here are the author's.
    const imported = !ctx.own.has(at.keyCursor(name).doc);
    ctx.types.declare(ctx.report, name, type, imported);
  }
}

type Head = Pick<ConnectorModel, "id" | "version" | "className" | "title" | "doc" | "link">;

function readHead(report: Report, fields: Fields): Head {
  const format = fields.at("connector");
  if (format !== undefined && format.value !== FORMAT) {
    const help =
      `This version knows format ${FORMAT}: \`connector: ${FORMAT}\`. \`vastar spec migrate\` moves older files.`;
    report.add(
      "VC1109",
      format,
      `${capital(describe(format))} is not a known format version.`,
      help,
    );
  }
  const id = fields.text("id");
  const idAt = fields.at("id");
  if (id !== undefined && idAt !== undefined && !ID.test(id)) {
    const help = `Use lowercase letters, digits and -, such as \`${
      pascalCase(id).toLowerCase() || "openai"
    }\`.`;
    report.add("VC1110", idAt, `\`${id}\` cannot be an id.`, help);
  }
  // `1.0` is a number in YAML, and quotes alone would not make it three numbers.
  const threeNumbers = "Write three numbers, such as `1.0.0`.";
  const version = fields.text("version", threeNumbers);
  const versionAt = fields.at("version");
  if (version !== undefined && versionAt !== undefined && !VERSION.test(version)) {
    report.add(
      "VC1110",
      versionAt,
      `\`${version}\` is not a semantic version.`,
      threeNumbers,
    );
  }
  const name = fields.text("name");
  const nameAt = fields.at("name");
  if (
    name !== undefined && nameAt !== undefined &&
    (!isIdentifier(name) || !/^[A-Z]/.test(name) || isTakenType(name))
  ) {
    const help = `Start with a capital letter and use letters and digits, such as \`${
      pascalCase(name) || "OpenAI"
    }\`.`;
    report.add("VC2101", nameAt, `\`${name}\` cannot be the name of the client class.`, help);
  }
  const className = name ?? pascalCase(id ?? "Connector");
  return defined({
    id: id ?? "",
    version: version ?? "",
    className,
    title: fields.text("title") ?? name ?? id ?? "",
    doc: fields.text("description"),
    link: fields.text("link"),
  });
}

/** `unsafe: keyed` promises retries that can never happen if no operation has a key. */
function checkKeyed(ctx: Context, fields: Fields, operations: readonly OperationModel[]): void {
  const at = fields.at("policy")?.at("retry")?.at("unsafe");
  if (
    at?.value !== "keyed" || operations.some((operation) => operation.idempotency !== undefined)
  ) return;
  if (
    operations.every((operation) => operation.method !== "POST" && operation.method !== "PATCH")
  ) return;
  const help = "Add `idempotency: { header: Idempotency-Key }`, or use `unsafe: never`.";
  ctx.report.add(
    "VC2005",
    at,
    "No operation sends an idempotency key, so `unsafe: keyed` retries none.",
    help,
  );
}

function readCheck(
  ctx: Context,
  cursor: Cursor,
  operations: readonly OperationModel[],
): CheckModel | undefined {
  const fields = Fields.read(ctx.report, cursor, "check");
  const id = fields?.text("operation");
  const idAt = fields?.at("operation");
  if (fields === undefined || id === undefined || idAt === undefined) return undefined;
  const operation = operations.find((one) => one.id === id);
  if (operation === undefined) {
    const help = didYouMean(id, operations.map((one) => one.id), "operations");
    ctx.report.add("VC2501", idAt, `There is no operation \`${id}\`.`, help);
    return undefined;
  }
  const inputAt = fields.at("input");
  if (inputAt !== undefined && !isKind(ctx.report, inputAt, "mapping")) return undefined;
  const input = (inputAt?.json() ?? {}) as Record<string, Json>;
  if (inputAt === undefined && needsInput(operation)) {
    const help = "Choose one that needs no input, or add `input`.";
    ctx.report.add("VC2502", idAt, `\`${id}\` cannot be called without input.`, help);
  } else {tellMisfits(
      ctx,
      inputAt ?? cursor,
      "VC2301",
      checkInput(ctx.types, operation, input),
      "The input does not fit: ",
    );}
  if (operation.query?.kind === "sql" && operation.query.result === "affected") {
    const help = "Choose one that only reads.";
    ctx.report.add("VC2502", idAt, `\`${id}\` changes rows.`, help);
  }
  if (operation.method !== "GET" && operation.method !== "HEAD" && operation.method !== "POST") {
    const help = "Choose one that only reads.";
    ctx.report.add("VC2502", idAt, `\`${id}\` changes something (${operation.method}).`, help);
  }
  return { operation: id, input, at: ctx.report.position(cursor) };
}
