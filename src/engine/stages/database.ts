/** Reads what a call asks of a database, and from where: a name from the configuration becomes its URL here. */
import type { CommandBody, StatementBody } from "../../core/database/body.ts";
import type { CallRequest } from "../../core/call.ts";
import { nativeSignal } from "../../core/async/call_signal.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { readLimited } from "../../core/read_limited.ts";
import type { ActiveCall, DatabasePlace, ParsedUrl } from "../call.ts";
import { isReadOnly } from "../database/database_call.ts";
import type { ResolvedDatabases, ResolvedNamed } from "../database/database_options.ts";
import { badBody } from "../database/failures.ts";
import { readBody } from "../database/read_body.ts";
import type { Stage } from "../stage.ts";

const MOST_BYTES = 16 * 1024 * 1024;

export function database(options: ResolvedDatabases): Stage {
  return (call, next) => {
    const target = call.target as ParsedUrl;
    const { database: place } = target;
    if (place === undefined) return next(call);
    const { method, body } = call.request;
    if (method.toUpperCase() !== "POST") {
      throw badBody(`the method of a call to a database is POST, and it is ${method}`);
    }
    if (body === null) throw badBody("a call to a database has a body that says what it asks for");
    if (body instanceof Uint8Array) {
      ask(call, place, body, options);
      return next(call);
    }
    const reading = readLimited(body, MOST_BYTES, tooLarge, { signal: nativeSignal(call.signal) });
    return reading.then((bytes) => {
      ask(call, place, bytes, options);
      return next(call);
    });
  };
}

function ask(
  call: ActiveCall,
  given: DatabasePlace,
  bytes: Uint8Array,
  options: ResolvedDatabases,
): void {
  if (bytes.byteLength > MOST_BYTES) throw tooLarge();
  const named = given.kind === undefined ? namedBy(call, options) : undefined;
  if (named !== undefined) call.target = named.target;
  const { kind, local, inMemory, href } = named?.target.database ?? given;
  if (kind === undefined) throw badBody("the URL does not name a database");
  if (local && !inMemory && named === undefined) checkFile(call, options);
  const read = readBody(kind, bytes);
  const body = filled(named?.readOnly ? readOnly(read) : read, call.request);
  call.bytesOut += bytes.byteLength;
  call.asked = {
    kind,
    body,
    local,
    url: href,
    // One in this process has one connection.
    poolSize: kind === "pglite" || inMemory ? 1 : named?.poolSize ?? options.poolSize,
  };
  if (!isReadOnly(body)) return;
  const { request } = call;
  call.request = { ...request, policy: { ...request.policy, idempotent: true } };
}

function readOnly(body: StatementBody | CommandBody): StatementBody | CommandBody {
  return "command" in body
    ? { ...body, readOnly: true }
    : { ...body, session: { ...body.session, readOnly: true } };
}

/** The parts of settings become text: what they say of the call is what the engine knows of it. */
function filled<Body extends StatementBody | CommandBody>(body: Body, request: CallRequest): Body {
  const set = "statement" in body ? body.session?.set : undefined;
  if (set === undefined || Object.values(set).every((value) => typeof value === "string")) {
    return body;
  }
  const texts = Object.entries(set).map(([name, value]) => {
    const parts = typeof value === "string" ? [value] : value;
    return [
      name,
      parts.map((part) => typeof part === "string" ? part : request[part.call]).join(""),
    ];
  });
  return {
    ...body,
    session: { ...(body as StatementBody).session, set: Object.fromEntries(texts) },
  };
}

/** A name that a call may not use is not told from one that does not exist. */
function namedBy(call: ActiveCall, options: ResolvedDatabases): ResolvedNamed {
  const name = (call.target as ParsedUrl).url.pathname;
  const { connector, tenantId } = call.request;
  const named = options.named(name);
  if (named?.isFor(connector, tenantId)) return named;
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "database.unknown",
    message: `the runtime's configuration has no database ${name} for the connector ${connector} ` +
      `and this tenant: see databases.named`,
  });
}

/** What is in memory is the tenant's own, and asks nobody. */
function checkFile(call: ActiveCall, options: ResolvedDatabases): void {
  const path = decodeURIComponent((call.target as ParsedUrl).url.pathname);
  if (options.mayOpen(path)) return;
  throw new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "database.file_denied",
    message:
      `the runtime does not open ${path.slice(0, 200)} for calls of ${call.request.connector}` +
      `: add it to databases.files of its configuration`,
  });
}

function tooLarge(): ConnectorError {
  return badBody(`the body of a call to a database takes at most ${MOST_BYTES} bytes`);
}
