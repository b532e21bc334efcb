/** Adds secrets to outgoing calls, and removes them from errors and answers. */
import type { CallRequest, HeaderList } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { Secrets } from "../../core/secrets/secrets.ts";
import { parseIp, rangeOf } from "../../http/address.ts";
import { hostOf } from "../../http/hosts.ts";
import { Credential, type CredentialOptions } from "./credential.ts";

/** Replaces what the caller gave. */
export interface Signed {
  readonly url: URL;
  readonly headers: HeaderList;
}

export interface Credentials {
  /** The credentials that a call gets at its own origin; undefined: none. */
  of(request: CallRequest, url: URL): readonly Credential[] | undefined;
  /** Whether a connector's calls may get one. */
  serves(connector: string): boolean;
  /** All of them, to remove from errors and answers. */
  readonly secrets: Secrets;
}

/** @throws ConnectorError `config.option`, `config.allow_rule`. */
export function createCredentials(options: readonly CredentialOptions[] = []): Credentials {
  const all = options.map((one) => new Credential(one));
  const named = new Set(all.flatMap(({ connectors }) => connectors));
  return {
    of(request, url) {
      if (all.length === 0) return undefined;
      const found = all.filter((one) => one.isFor(request, url));
      return found.length === 0 ? undefined : found;
    },
    serves: (connector) => named.has(connector),
    secrets: new Secrets(all.flatMap(({ secrets }) => secrets)),
  };
}

/**
 * If two credentials go into the same place, the first wins. They replace what the caller put there. @throws ConnectorError
 * `credential.plain_http`.
 */
export function sign(
  credentials: readonly Credential[],
  url: URL,
  headers: HeaderList,
): Signed {
  const fields = new Map<string, string>();
  const query = new Map<string, string>();
  for (const own of credentials) {
    const open = url.protocol !== "https:" && !own.plainHttp && !isLoopback(url);
    if (open) throw overPlainHttp(own.name, url);
    for (const [field, value] of own.headers) {
      if (!fields.has(field)) fields.set(field, value);
    }
    for (const [field, value] of own.query) {
      if (!query.has(field)) query.set(field, value);
    }
  }
  return {
    url: query.size === 0 ? url : withQuery(url, query),
    headers: [...headers.filter(([name]) => !fields.has(name.toLowerCase())), ...fields],
  };
}

/** The rest of the query stays as written. */
function withQuery(url: URL, query: ReadonlyMap<string, string>): URL {
  const kept = url.search.slice(1).split("&").filter((part) => {
    const [name = ""] = new URLSearchParams(part).keys();
    return part !== "" && !query.has(name);
  });
  for (const [name, value] of query) {
    kept.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  }
  const signed = new URL(url);
  signed.search = kept.join("&");
  return signed;
}

function isLoopback(url: URL): boolean {
  const { host } = hostOf(url);
  const ip = parseIp(host);
  return ip === undefined ? host === "localhost" : rangeOf(ip) === "loopback";
}

function overPlainHttp(name: string, url: URL): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "credential.plain_http",
    message: `the runtime does not send the credential ${name} to ${url.host} over plain http: ` +
      "use https, or set plainHttp of the credential in the runtime's configuration",
  });
}
