/** Refuses invalid requests before anything is spent on them. */
import { checkHeaders, checkMethod, parseUrl } from "../../http/syntax.ts";
import type { ParsedUrl } from "../call.ts";
import type { CallRequest } from "../../core/call.ts";
import { invalidRequest } from "../../core/errors.ts";
import { databaseUrl, looksLikeDatabase, parsedDatabase } from "../database/database_url.ts";
import type { Stage } from "../stage.ts";

/** Clients call the same few URLs again and again, and a parsed URL is the most expensive object of a small call. */
const MAX_PARSED = 1_000;
/** A longer URL is rarely requested twice, and a thousand of them would take a lot of memory. */
const MAX_KEPT = 2_000;

/** fetch refuses such a request, so it would work on one runtime and not on the next. */
function checkBody({ method, body }: CallRequest): void {
  const bodiless = /^(get|head)$/i.test(method);
  if (!bodiless || (body instanceof Uint8Array && body.byteLength === 0)) return;
  throw invalidRequest(
    "request.body",
    `a ${method.toUpperCase()} request cannot have a body; leave it out`,
  );
}

/** Some runtimes take time that grows with the square of the number of fields, and all other calls wait meanwhile. */
function checkCount({ headers }: CallRequest, most: number): void {
  if (headers.length <= most) return;
  throw invalidRequest(
    "request.header_count",
    `the request has ${headers.length} header fields; at most ${most} are accepted (engine option maxHeaderFields)`,
  );
}

function parsedWeb(text: string): ParsedUrl {
  const url = parseUrl(text);
  return { url, host: url.host, origin: url.origin };
}

export function validate(maxHeaderFields: number): Stage {
  const parsed = new Map<string, ParsedUrl>();

  function parse(text: string): ParsedUrl {
    let target = parsed.get(text);
    if (target === undefined) {
      target = looksLikeDatabase(text) ? parsedDatabase(databaseUrl(text)) : parsedWeb(text);
      if (text.length > MAX_KEPT) return target;
      if (parsed.size >= MAX_PARSED) parsed.clear();
      parsed.set(text, target);
    }
    return target;
  }

  return (call, next) => {
    checkMethod(call.request.method);
    checkCount(call.request, maxHeaderFields);
    checkHeaders(call.request.headers);
    if (call.request.body !== null) checkBody(call.request);
    call.target = parse(call.request.url);
    return next(call);
  };
}
