/** Where a request goes: which connections it may use, and what a new one needs. */
import type { PinnedAddress } from "../core/rules/pinned_address.ts";
import { bareHost, parseIp } from "../http/address.ts";

/** The other end of a connection. */
export interface Endpoint {
  /** An address, or a name if the runtime resolves names. */
  readonly host: string;
  readonly port: number;
  /** Use TLS, and check the certificate for this name or address; undefined: plain. */
  readonly tls: { readonly name: string; readonly isIp: boolean } | undefined;
}

export interface Target extends Endpoint {
  /** Equal for requests that may share connections: the same origin at the same address. */
  readonly key: string;
  /** As in the Host field and in messages. */
  readonly authority: string;
  readonly pinned: string | undefined;
  /** The first lines of a head, after the method. */
  readonly start: string;
}

/** The same URL objects recur (the engine keeps them), and reading their properties creates new strings. */
const known = new WeakMap<URL, Target>();

/** The URL must not be changed afterwards. */
export function targetOf(url: URL, pinned: PinnedAddress | undefined): Target {
  const last = known.get(url);
  if (last !== undefined && last.pinned === pinned?.address) return last;
  const made = describe(url, pinned);
  known.set(url, made);
  return made;
}

function describe(url: URL, pinned: PinnedAddress | undefined): Target {
  const { hostname, host: authority } = url;
  const isTls = url.protocol === "https:";
  const name = bareHost(hostname);
  const host = pinned?.address ?? name;
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return {
    key: `${isTls ? "s" : "p"}${authority} ${host}`,
    authority,
    pinned: pinned?.address,
    host,
    port,
    // A trailing dot is for resolvers; certificates do not have one.
    tls: isTls ? { name: name.replace(/\.$/, ""), isIp: parseIp(name) !== undefined } : undefined,
    start:
      ` ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${authority}\r\nconnection: keep-alive\r\n`,
  };
}
