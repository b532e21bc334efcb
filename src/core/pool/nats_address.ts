/** Where a pool of runtimes is: on which NATS servers, under which name. */

export interface NatsServer {
  readonly host: string;
  readonly port: number;
}

export interface NatsAddress {
  readonly kind: "nats";
  /** The connection must be encrypted. Without it, it is if the server can. */
  readonly tls: boolean;
  /** At least one; each is tried. */
  readonly servers: readonly NatsServer[];
  readonly pool: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** Paths of files: a user's credentials (JWT and key), the authority, and this side's certificate and key. */
  readonly creds?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export const NATS_PORT = 4222;

/** For messages and logs: `nats://host/pool`, without credentials. */
export function formatNatsAddress({ tls, servers, pool }: NatsAddress): string {
  return `${tls ? "tls" : "nats"}://${servers.map(formatServer).join(",")}/${pool}`;
}

export function formatServer({ host, port }: NatsServer): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === NATS_PORT ? name : `${name}:${port}`;
}
