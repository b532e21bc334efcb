/** Reads the spec of a database. What it has in common with HTTP's is read by the same parts. */
import type { Cursor } from "../../load/cursor.ts";
import type { ConnectorModel, ServerModel } from "../../model/ir.ts";
import type { OperationModel } from "../../model/operation.ts";
import { DATABASE_SCHEMES, type Protocol } from "../../model/database.ts";
import type { Schema, TypeModel } from "../../model/schema.ts";
import type { Context } from "../context.ts";
import type { Fields } from "../fields/fields.ts";
import { NO_POLICY } from "../policy.ts";
import { type Lock, readLock } from "./lock.ts";
import { readDatabaseOperations, tellRows } from "./operations.ts";
import { readDatabasePolicy } from "./policy.ts";
import { PROTOCOLS } from "./protocols.ts";
import { NO_SESSION, readSession } from "./session.ts";

/** `ask`: the server is going to be asked for what the lock file says. */
export type OpenLock = (() => Cursor | undefined) | "ask";

type DatabaseParts = Pick<ConnectorModel, "protocol" | "servers" | "policy" | "operations">;

/** After types and config. */
export function readDatabase(
  ctx: Context,
  fields: Fields,
  protocol: Protocol,
  openLock: OpenLock | undefined,
): DatabaseParts {
  checkAddress(ctx, fields, protocol);
  const session = readSession(ctx, fields.at("session"), protocol, NO_SESSION);
  const policyAt = fields.at("policy");
  const policy = readDatabasePolicy(ctx, policyAt, { policy: NO_POLICY, maxRows: undefined });
  const rowsAt = policyAt?.at("maxRows");
  if (protocol === "redis" && rowsAt !== undefined) tellRows(ctx, rowsAt);
  const lock = PROTOCOLS[protocol].dialect === undefined
    ? undefined
    : lockOf(ctx, protocol, openLock);
  const operationsAt = fields.at("operations");
  const operations = operationsAt === undefined ? [] : readDatabaseOperations(ctx, operationsAt, {
    protocol,
    session,
    policy,
    lock: openLock === "ask" ? "ask" : lock?.content,
  });
  if (lock !== undefined) checkLeft(ctx, lock.cursor, lock.content, operationsAt);
  const servers = [addressOf(protocol, ctx.report.position(fields.at("config") ?? fields.cursor))];
  return { protocol, servers, policy: policy.policy, operations };
}

function lockOf(
  ctx: Context,
  protocol: Protocol,
  open: OpenLock | undefined,
): { readonly cursor: Cursor; readonly content: Lock } | undefined {
  const cursor = open === "ask" ? undefined : open?.();
  const content = cursor && readLock(ctx.report, cursor, protocol);
  return cursor === undefined || content === undefined ? undefined : { cursor, content };
}

/** The lock file is written as a whole, so that this means that nobody asked since the spec has changed. */
function checkLeft(
  ctx: Context,
  cursor: Cursor,
  lock: Lock,
  operationsAt: Cursor | undefined,
): void {
  for (const id of Object.keys(lock.operations)) {
    const at = cursor.at("operations")?.at(id);
    if (operationsAt?.at(id) !== undefined || at === undefined) continue;
    const help = "Run `vastar generate --database URL`, or remove it here.";
    ctx.report.add("VC2612", at, `The spec has no operation \`${id}\` any more.`, help, "key");
  }
}

function checkAddress(ctx: Context, fields: Fields, protocol: Protocol): void {
  const [scheme] = DATABASE_SCHEMES[protocol];
  const at = fields.at("config");
  const field = ctx.config.get("url");
  ctx.usedConfig.add("url");
  if (at === undefined) return;
  const example = PROTOCOLS[protocol].secret
    ? "`url: { type: string, secret: true, env: SHOP_DB }`"
    : "`url: { type: string, env: SHOP_DB }`";
  if (field === undefined) {
    const help = `Add ${example}: such as ${scheme}:${
      protocol === "sqlite" ? "shop.db" : "//user:password@host/shop"
    }.`;
    ctx.report.add("VC2601", at, "Nothing says where the database is.", help, "key");
  } else if (field.schema.kind !== "string" || field.optional) {
    const message = field.optional ? "The address cannot be left out." : "An address is text.";
    ctx.report.add("VC2601", at.at("url") ?? at, message, `Write ${example}.`);
  } else if (PROTOCOLS[protocol].secret && at.at("url")?.at("secret") === undefined) {
    const help = "Add `secret: true`, or `secret: false` if no address of it ever has one.";
    ctx.report.add(
      "VC1509",
      at.at("url") ?? at,
      "An address may have a password in it.",
      help,
      "key",
    );
  }
}

function addressOf(protocol: Protocol, at: ServerModel["at"]): ServerModel {
  return { name: "default", url: `${DATABASE_SCHEMES[protocol][0]}:`, variables: [], at };
}

/** Rows of columns get a type with a name, once everything about them has been checked. */
export function nameRows(
  ctx: Context,
  operations: readonly OperationModel[],
): { readonly operations: readonly OperationModel[]; readonly types: readonly TypeModel[] } {
  const types: TypeModel[] = [];
  const taken = new Set(ctx.types.entries.keys());
  const named = operations.map((operation): OperationModel => {
    let name = `${operation.typeName}Row`;
    while (taken.has(name)) name += "_";
    const rowOf = (schema: Schema): Schema => {
      if (schema.kind === "array") return { ...schema, items: rowOf(schema.items) };
      if (schema.kind !== "object") return schema;
      const { nullable, ...row } = schema;
      if (!taken.has(name)) {
        taken.add(name);
        types.push({
          name,
          schema: row,
          inRequest: false,
          inResponse: true,
          recursive: false,
          at: operation.at,
        });
      }
      return { kind: "ref", name, ...(nullable === true && { nullable }) };
    };
    if (operation.query?.kind !== "sql" || operation.query.result === "value") return operation;
    const result = { ...operation.result, schema: rowOf(operation.result.schema) };
    const { stream } = operation;
    return {
      ...operation,
      result,
      ...(stream && { stream: { ...stream, item: rowOf(stream.item) } }),
    };
  });
  return { operations: named, types };
}
