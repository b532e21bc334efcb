/** Where a request goes: which connections may carry it, and what a new one needs. */
import type { PinnedAddress } from "../core/platform.ts";
import { bareHost, parseIp } from "../http/address.ts";

/** The other end of a connection. */
export interface Endpoint {
  /** An address, or a name where the runtime resolves. */
  readonly host: string;
  readonly port: number;
  /** Speak TLS, and check the certificate for this name or address; undefined: plain. */
  readonly tls: { readonly name: string; readonly isIp: boolean } | undefined;
}

export interface Target extends Endpoint {
  /** Equal for requests that may share connections: the same origin at the same address. */
  readonly key: string;
  /** As it stands in the Host field and in messages. */
  readonly authority: string;
  readonly path: string;
}

export function targetOf(url: URL, pinned: PinnedAddress | undefined): Target {
  const { hostname, host: authority } = url;
  const isTls = url.protocol === "https:";
  const name = bareHost(hostname);
  const host = pinned?.address ?? name;
  const port = url.port === "" ? (isTls ? 443 : 80) : Number(url.port);
  return {
    key: `${isTls ? "s" : "p"}${authority} ${host}`,
    authority,
    host,
    port,
    // A trailing dot is for resolvers; no certificate has it.
    tls: isTls ? { name: name.replace(/\.$/, ""), isIp: parseIp(name) !== undefined } : undefined,
    path: url.pathname + url.search,
  };
}
