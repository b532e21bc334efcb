/** The body of a call to a database, checked: what is wrong with it is said before anything is sent. */
import {
  CALL_FACTS,
  COLUMN_AS,
  type CommandBody,
  type DatabaseSession,
  ISOLATIONS,
  RESULTS,
  type StatementBody,
} from "../../core/database/body.ts";
import type { DatabaseKind } from "../../core/database/schemes.ts";
import { didYouMean } from "../../core/suggest.ts";
import { badBody } from "./failures.ts";

type Fields = Readonly<Record<string, unknown>>;

const STATEMENT = [
  "statement",
  "parameters",
  "result",
  "stream",
  "session",
  "maxRows",
  "as",
] as const satisfies readonly (keyof StatementBody)[];
const COMMAND = [
  "command",
  "readOnly",
  "bytes",
  "shape",
] as const satisfies readonly (keyof CommandBody)[];
const SESSION = [
  "readOnly",
  "role",
  "set",
  "isolation",
] as const satisfies readonly (keyof DatabaseSession)[];

/** The protocol counts them in 16 bits. */
const MOST_PARAMETERS = 65_533;
/** They would undo what a session holds. */
const HELD =
  /^(role|session_authorization|(default_)?transaction_.*|statement_timeout|client_encoding|timezone|datestyle|bytea_output)$/i;

const strict = new TextDecoder("utf-8", { fatal: true });

/** @throws ConnectorError `database.request`. */
export function readBody(kind: DatabaseKind, bytes: Uint8Array): StatementBody | CommandBody {
  const example = kind === "redis" ? '{"command": ["GET", "key"]}' : '{"statement": "select 1"}';
  let body: unknown;
  try {
    body = JSON.parse(strict.decode(bytes));
  } catch {
    throw badBody(`the body of a call to a database is JSON, like ${example}`);
  }
  if (!isObject(body)) throw badBody(`the body of a call to a database is an object: ${example}`);
  return kind === "redis" ? commandOf(body) : statementOf(body);
}

function statementOf(body: Fields): StatementBody {
  checkNames(body, STATEMENT, "the body");
  const { statement, parameters, result, stream, session, maxRows, as } = body;
  if (typeof statement !== "string" || statement.trim() === "") {
    throw badBody("statement is the text of one statement");
  }
  if (statement.includes("\0")) throw badBody("statement contains a NUL, which no server takes");
  if (parameters !== undefined) {
    if (!Array.isArray(parameters)) throw badBody("parameters is a list, by position");
    if (parameters.length > MOST_PARAMETERS) {
      throw badBody(
        `there are ${parameters.length} parameters; a statement has ${MOST_PARAMETERS}`,
      );
    }
  }
  if (!RESULTS.some((known) => known === result)) {
    throw badBody(`result is ${shown(result)}; it is one of ${RESULTS.join(", ")}`);
  }
  checkFlag("stream", stream);
  if (stream === true && result !== "rows") {
    throw badBody(`stream goes with the result "rows", and it is ${shown(result)}`);
  }
  if (session !== undefined) checkSession(session);
  if (maxRows !== undefined && !(Number.isSafeInteger(maxRows) && Number(maxRows) > 0)) {
    throw badBody(`maxRows is ${shown(maxRows)}; it is a whole number above 0`);
  }
  if (as !== undefined) {
    const right = isObject(as) &&
      Object.values(as).every((one) => COLUMN_AS.some((known) => known === one));
    if (!right) throw badBody(`as says of columns, by name: ${COLUMN_AS.join(", ")}`);
  }
  return body as unknown as StatementBody;
}

function checkSession(session: unknown): void {
  if (!isObject(session)) throw badBody("session is an object");
  checkNames(session, SESSION, "session");
  const { readOnly, role, set, isolation } = session;
  checkFlag("session.readOnly", readOnly);
  if (role !== undefined && (typeof role !== "string" || role === "" || role.includes("\0"))) {
    throw badBody("session.role is the name of a role");
  }
  if (isolation !== undefined && !ISOLATIONS.some((known) => known === isolation)) {
    throw badBody(
      `session.isolation is ${shown(isolation)}; it is one of ${ISOLATIONS.join(", ")}`,
    );
  }
  if (set === undefined) return;
  if (!isObject(set) || !Object.values(set).every(isSetting)) {
    throw badBody(
      'session.set has the text of each setting by its name, or its parts, like [{"call": "tenantId"}]',
    );
  }
  for (const name of Object.keys(set)) {
    if (HELD.test(name)) throw badBody(`session.set cannot change ${name}: the runtime holds it`);
    if (!/^[A-Za-z_][\w.]*$/.test(name)) {
      throw badBody(`session.set has ${shown(name)}, which is not the name of a setting`);
    }
  }
}

function commandOf(body: Fields): CommandBody {
  checkNames(body, COMMAND, "the body");
  const { command, readOnly, bytes, shape } = body;
  if (!Array.isArray(command) || command.length === 0 || typeof command[0] !== "string") {
    throw badBody('command is a list that begins with the command: ["GET", "key"]');
  }
  const right = command.every((one: unknown) =>
    typeof one === "string" || (typeof one === "number" && Number.isFinite(one)) ||
    (isObject(one) && typeof one["$bytes"] === "string")
  );
  if (!right) throw badBody('an argument of a command is text, a number or {"$bytes": base64}');
  checkFlag("readOnly", readOnly);
  checkFlag("bytes", bytes);
  if (shape !== undefined && shape !== "pairs") throw badBody('shape is "pairs", or is not there');
  return body as unknown as CommandBody;
}

function checkNames(given: Fields, known: readonly string[], where: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw badBody(
    `${where} has ${shown(unknown)}, which is not known.${didYouMean(unknown, known)} ` +
      `Known: ${known.join(", ")}.`,
  );
}

function checkFlag(name: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw badBody(`${name} is ${shown(value)}; it is true or false`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSetting(value: unknown): boolean {
  return typeof value === "string" ||
    (Array.isArray(value) && value.every((part: unknown) =>
      typeof part === "string" ||
      (isObject(part) && CALL_FACTS.some((known) => known === part["call"]))
    ));
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 60);
}
