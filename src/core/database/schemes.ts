/** The schemes of URLs that name a database. */

export type DatabaseKind = "postgres" | "pglite" | "mysql" | "sqlite" | "redis";

interface Scheme {
  readonly kind: DatabaseKind;
  /** Absent: it is reached without a network. */
  readonly port?: number;
}

const SCHEMES: Readonly<Record<string, Scheme>> = {
  "postgres:": { kind: "postgres", port: 5432 },
  "postgresql:": { kind: "postgres", port: 5432 },
  "mysql:": { kind: "mysql", port: 3306 },
  "mariadb:": { kind: "mysql", port: 3306 },
  "redis:": { kind: "redis", port: 6379 },
  "rediss:": { kind: "redis", port: 6379 },
  "pglite:": { kind: "pglite" },
  "sqlite:": { kind: "sqlite" },
};

/** A URL that the runtime's configuration holds: `database:shop`. */
export const NAMED = "database:";

/** @param protocol as URLs have it: `postgres:` */
export function schemeOf(protocol: string): Scheme | undefined {
  return Object.hasOwn(SCHEMES, protocol) ? SCHEMES[protocol] : undefined;
}

export function isDatabase(protocol: string): boolean {
  return protocol === NAMED || Object.hasOwn(SCHEMES, protocol);
}
