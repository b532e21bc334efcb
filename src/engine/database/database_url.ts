/** URLs that name a database, checked and brought into one form. Messages never show them: they hold passwords. */
import { type DatabaseKind, isDatabase, NAMED, schemeOf } from "../../core/database/schemes.ts";
import { didYouMean } from "../../core/suggest.ts";
import { quoted } from "../../http/syntax.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { ParsedUrl } from "../call.ts";

const BAD = /[\x00-\x20\x7f\\]/;
const MAX_HOST = 253;
const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** Options in the query, by kind. */
const OPTIONS: Readonly<Record<DatabaseKind, readonly string[]>> = {
  postgres: ["sslmode", "application_name"],
  pglite: [],
  mysql: ["sslmode"],
  redis: [],
  sqlite: [],
};

/** Whether a text begins like the URL of a database; cheap. */
export function looksLikeDatabase(text: string): boolean {
  if (text.startsWith("http")) return false;
  const colon = text.indexOf(":");
  return colon > 0 && isDatabase(text.slice(0, colon + 1).toLowerCase());
}

/** @throws ConnectorError `request.url`. */
export function databaseUrl(text: string): URL {
  if (BAD.test(text)) throw bad("it holds a space or a control character: percent-encode it");
  const url = URL.parse(text);
  if (url === null) throw bad("it cannot be parsed, like postgres://user:password@host:5432/name");
  if (url.protocol === NAMED) {
    if (!NAME.test(url.pathname)) throw bad("a named database is database:NAME");
    return url;
  }
  if (![url.username, url.password, url.pathname].every(isEncoded)) {
    throw bad("it has a % that is not followed by the number of a byte: write %25");
  }
  const scheme = schemeOf(url.protocol);
  if (scheme === undefined) throw bad("its scheme is not that of a database");
  checkOptions(url, scheme.kind);
  if (scheme.port === undefined) return fileUrl(url);
  // The parser leaves the hosts of such schemes alone; those of http it brings into the form that rules are about.
  const host = URL.parse(`http://${url.host}`);
  if (url.hostname === "" || host === null || host.pathname !== "/") throw bad("it has no host");
  if (host.hostname.length > MAX_HOST) throw bad("its host is too long");
  if (url.port === "0") throw bad("its port is 0; a port is 1 to 65535");
  url.hostname = host.hostname;
  return url;
}

/** What is not known could be what somebody relies on. */
function checkOptions(url: URL, kind: DatabaseKind): void {
  const known = OPTIONS[kind];
  for (const name of url.searchParams.keys()) {
    if (known.includes(name)) continue;
    throw bad(
      `it has the option ${quoted(name)}.${didYouMean(name, known)} ` +
        (known.length === 0 ? "None is known here" : `Known here: ${known.join(", ")}`),
    );
  }
  if (url.hash !== "") throw bad("it has a fragment: write # as %23");
}

function isEncoded(text: string): boolean {
  try {
    return !decodeURIComponent(text).includes("\0");
  } catch {
    return false;
  }
}

function fileUrl(url: URL): URL {
  if (url.host !== "" || url.username !== "") {
    throw bad("a file is named with one slash or three: sqlite:/var/lib/shop.db");
  }
  return url;
}

/** As the rest of the engine sees it: no password, no path of a server. */
export function parsedDatabase(url: URL): ParsedUrl {
  const { protocol, pathname, href } = url;
  const scheme = schemeOf(protocol);
  const database = {
    kind: scheme?.kind,
    href,
    local: scheme !== undefined && scheme.port === undefined,
    inMemory: protocol === "sqlite:"
      ? pathname === ":memory:"
      : protocol === "pglite:" && !pathname.includes("/"),
  };
  if (scheme === undefined) return { url, host: href, origin: href, database };
  if (scheme.port === undefined) {
    return { url, host: scheme.kind, origin: `${protocol}${pathname}`, database };
  }
  const host = `${url.hostname}:${url.port === "" ? scheme.port : url.port}`;
  return { url, host, origin: `${protocol}//${host}`, database };
}

function bad(why: string) {
  return invalidRequest("request.url", `the URL of a database is wrong: ${why}`);
}
