/** `operations` of a database: statements or commands under names, nothing else. */
import { closest } from "../../../src/core/suggest.ts";
import type { Cursor } from "../../load/cursor.ts";
import type { Protocol, RowsKind, SqlModel } from "../../model/database.ts";
import type { OperationModel, ResultModel } from "../../model/operation.ts";
import type { Schema } from "../../model/schema.ts";
import type { StreamModel } from "../../model/stream.ts";
import type { Context } from "../context.ts";
import { defined, entriesOf, Fields } from "../fields/fields.ts";
import { readExamples } from "../operation/examples.ts";
import { OperationNamer } from "../operation/names.ts";
import { readDeprecated } from "../operation/operations.ts";
import { type Columns, readColumns } from "./columns.ts";
import { readCommand } from "./command.ts";
import { COMMAND_NAMES } from "./commands.ts";
import { bodyOf, boundInputs, type Input, lockedInputs, readInputs } from "./inputs.ts";
import { checkFits } from "./fit.ts";
import { digestOf, type Lock, type LockedOperation } from "./lock.ts";
import { type DatabasePolicy, readDatabasePolicy } from "./policy.ts";
import { PROTOCOLS } from "./protocols.ts";
import { readSession } from "./session.ts";
import { matchInputs, type ReadSql, readSql } from "./statement.ts";
import type { SessionModel } from "../../model/database.ts";

export interface DatabaseContext {
  readonly protocol: Protocol;
  readonly session: SessionModel;
  readonly policy: DatabasePolicy;
  /** Undefined: there is none. `ask`: it is about to be written. */
  readonly lock: Lock | "ask" | undefined;
}

type Writable = { -readonly [K in keyof OperationModel]: OperationModel[K] };
type Asked = Pick<OperationModel, "query" | "body" | "result" | "stream">;

export function readDatabaseOperations(
  ctx: Context,
  cursor: Cursor,
  database: DatabaseContext,
): OperationModel[] {
  const isSql = PROTOCOLS[database.protocol].dialect !== undefined;
  const example = isSql
    ? "`operations: { items.list: { sql: select id from items } }`"
    : '`operations: { users.get: { command: [GET, "user:$id"], input: { id: string } } }`';
  const namer = new OperationNamer(ctx);
  const entries = entriesOf(ctx.report, cursor, `Write each under its id: ${example}.`);
  if (entries.length === 0 && cursor.kind === "mapping") {
    ctx.report.add("VC1113", cursor, "There are no operations.", `Add one: ${example}.`, "key");
  }
  return entries.flatMap(([id, at]) => {
    const fields = Fields.read(ctx.report, at, isSql ? "sqlOperation" : "commandOperation");
    const operation = fields && readOperation(ctx, id, fields, namer, database);
    return operation === undefined ? [] : [operation];
  });
}

function readOperation(
  ctx: Context,
  id: string,
  fields: Fields,
  namer: OperationNamer,
  database: DatabaseContext,
): OperationModel | undefined {
  const { cursor } = fields;
  const names = namer.name(id, cursor);
  const session = readSession(ctx, fields.at("session"), database.protocol, database.session);
  const limits = readDatabasePolicy(ctx, fields.at("policy"), database.policy);
  const own = { ...database, session, policy: limits };
  const asked = fields.shape === "sqlOperation"
    ? readStatement(ctx, id, fields, own)
    : readRedis(ctx, fields, own);
  const common = defined({
    id,
    method: "POST",
    path: [{ kind: "literal", text: `/${id}` }],
    pathText: `/${id}`,
    server: "default",
    parameters: [],
    policy: limits.policy,
    headers: [],
    errors: [],
    hooks: {},
    summary: fields.text("summary"),
    doc: fields.text("description"),
    deprecated: readDeprecated(ctx, fields),
    tags: fields.texts("tags"),
    link: fields.text("link"),
    examples: [],
    at: ctx.report.position(cursor),
  });
  if (names === undefined || asked === undefined) return undefined;
  const operation = { ...common, ...names, ...asked } as Writable;
  // Of types that are not known yet, nothing could be said.
  if (database.lock === "ask") return operation;
  ctx.later.push(() => {
    operation.examples = readExamples(ctx, fields.list("examples"), operation, { rules: [] });
  });
  return operation;
}

function readStatement(
  ctx: Context,
  id: string,
  fields: Fields,
  { protocol, session, policy, lock }: DatabaseContext,
): Asked | undefined {
  const { cursor } = fields;
  const inputAt = fields.at("input");
  const declared = readInputs(ctx, inputAt);
  const result = fields.choice("result", ["rows", "row", "row?", "value", "affected"]);
  const stream = fields.choice("stream", ["rows"]) !== undefined;
  const sqlAt = fields.at("sql");
  const dialect = PROTOCOLS[protocol].dialect;
  const sql = sqlAt && dialect && readSql(ctx, sqlAt, dialect, session);
  if (sql === undefined) return undefined;
  const locked = lock === "ask" ? toAsk(sql) : lockedOf(ctx, id, sql, lock);
  const inputs = inputAt === undefined && locked !== undefined
    ? lockedInputs(protocol, locked.inputs, cursor)
    : declared;
  matchInputs(ctx, sql, inputs, inputAt !== undefined);
  if (locked !== undefined) checkFits(ctx, inputs, locked.inputs);
  const kind = result ?? (sql.returnsRows === false ? "affected" : "rows");
  checkResult(ctx, fields, sql, kind, stream, lock === "ask" ? undefined : locked);
  const columnsAt = fields.at("columns");
  const columns = readColumns(ctx, {
    operation: cursor,
    declared: columnsAt,
    locked: kind === "affected" ? [] : lock === "ask" ? undefined : locked?.columns,
    stale: lock === "ask" || (lock !== undefined && locked === undefined),
    protocol,
    result: kind,
  });
  const model: SqlModel = defined({
    kind: "sql",
    written: sql.written,
    statement: sql.text,
    inputs: boundInputs(ctx, sql.bound, inputs),
    result: kind,
    session,
    maxRows: policy.maxRows,
    as: columns.as,
  }) as SqlModel;
  const at = ctx.report.position(fields.at("result") ?? cursor);
  return asked(ctx, model, inputs, cursor, {
    result: jsonResult(answerOf(kind, columns), at),
    ...(stream &&
      { stream: rowStream(columns.row, ctx.report.position(fields.at("stream") ?? cursor)) }),
  });
}

function asked(
  ctx: Context,
  query: NonNullable<OperationModel["query"]>,
  inputs: readonly Input[],
  cursor: Cursor,
  answer: Pick<OperationModel, "result" | "stream">,
): Asked {
  const body = bodyOf(ctx, inputs, cursor);
  return { query, ...answer, ...(body && { body }) };
}

function readRedis(
  ctx: Context,
  fields: Fields,
  { session, policy }: DatabaseContext,
): Asked | undefined {
  const { cursor } = fields;
  const inputs = readInputs(ctx, fields.at("input"));
  const resultAt = fields.at("result");
  const own = resultAt && ctx.readSchema(ctx, resultAt);
  ctx.readTypes();
  const commandAt = fields.at("command");
  const command = commandAt && readCommand(ctx, commandAt, inputs, session);
  const maxRowsAt = fields.at("policy")?.at("maxRows");
  if (policy.maxRows !== undefined && maxRowsAt !== undefined) tellRows(ctx, maxRowsAt);
  if (command === undefined) return undefined;
  if (own === undefined && command.result === undefined) {
    const name = String(command.model.words[0]?.parts[0]);
    const near = name.includes(".") ? undefined : closest(name, COMMAND_NAMES);
    const message = `Nothing is known of what \`${name}\` answers, so callers get \`unknown\`.`;
    const help = `${
      near === undefined ? "" : `Did you mean \`${near}\`? `
    }Say what it is: \`result: string\`.`;
    ctx.report.add("VC2608", cursor, message, help, "key");
  }
  const at = ctx.report.position(resultAt ?? cursor);
  const result = jsonResult(own ?? command.result ?? { kind: "unknown" }, at);
  return asked(ctx, command.model, inputs, cursor, { result });
}

export function tellRows(ctx: Context, at: Cursor): void {
  ctx.report.add(
    "VC2602",
    at,
    "redis has no `maxRows`.",
    "Remove it; limit with the command's own arguments.",
    "key",
  );
}

/** Inputs that the spec does not declare are the statement's own, of types that are not known yet. */
function toAsk({ names, text }: ReadSql): LockedOperation {
  const inputs = names.map((name) => ({ name, type: "unknown" }));
  return { statement: digestOf(text), inputs, columns: [] };
}

/** What the lock says of this very statement. */
function lockedOf(
  ctx: Context,
  id: string,
  sql: ReadSql,
  lock: Lock | undefined,
): LockedOperation | undefined {
  if (lock === undefined) return undefined;
  const entry = Object.hasOwn(lock.operations, id) ? lock.operations[id] : undefined;
  if (entry?.statement === digestOf(sql.text)) return entry;
  const message = entry === undefined
    ? `The lock file has nothing of \`${id}\`.`
    : `The statement of \`${id}\` is not the one whose types the lock file has.`;
  ctx.report.add(
    "VC2609",
    sql.cursor,
    message,
    "Run `vastar generate --database URL`, which asks the server.",
  );
  return undefined;
}

function checkResult(
  ctx: Context,
  fields: Fields,
  sql: ReadSql,
  kind: RowsKind,
  stream: boolean,
  locked: LockedOperation | undefined,
): void {
  const at = fields.at("result") ?? sql.cursor;
  const returns = locked === undefined ? sql.returnsRows : locked.columns.length > 0;
  if (stream && kind !== "rows") {
    const help = "Remove `stream`, or write `result: rows`.";
    ctx.report.add(
      "VC2610",
      fields.at("stream") ?? at,
      `Only rows are streamed, and the result is \`${kind}\`.`,
      help,
    );
  } else if (kind === "affected" && sql.returnsRows === true && !sql.words.includes("returning")) {
    ctx.report.add(
      "VC2610",
      at,
      "This statement affects no rows.",
      "Write `result: rows`, row, row? or value.",
    );
  } else if (kind !== "affected" && returns === false) {
    const help = "Write `result: affected`, or add `returning` to the statement.";
    ctx.report.add("VC2610", at, "This statement returns no rows.", help);
  }
}

function answerOf(kind: RowsKind, { row, value }: Columns): Schema {
  switch (kind) {
    case "rows":
      return { kind: "array", items: row };
    case "row":
      return row;
    case "row?":
      return { ...row, nullable: true };
    case "value":
      return value;
    case "affected":
      return { kind: "integer", minimum: 0 };
  }
}

function jsonResult(schema: Schema, at: ResultModel["at"]): ResultModel {
  return { kind: "json", schema, accept: "application/json", mayBeEmpty: false, at };
}

function rowStream(item: Schema, at: StreamModel["at"]): StreamModel {
  return { when: [], format: "ndjson", item, events: [], errorWhen: [], at };
}
