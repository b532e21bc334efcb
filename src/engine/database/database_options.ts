/** The operator's options for databases, and their defaults. */
import { invalidRequest } from "../../core/errors.ts";
import { pattern } from "../../core/rules/choice.ts";
import type { ParsedUrl } from "../call.ts";
import { databaseUrl, parsedDatabase } from "./database_url.ts";
import { milliseconds, positive } from "../times.ts";

export interface DatabaseOptions {
  /** Connections of a pool; each tenant has one for each database. Default: 4. */
  readonly poolSize?: number;
  /** Connections of all pools. Default: 64. */
  readonly maxConnections?: number;
  /** An idle connection is closed after this time. Default: 60,000 ms. */
  readonly idleMs?: number;
  /** Rows of an answer that is not streamed, at most, for calls that do not say. Default: 10,000. */
  readonly maxRows?: number;
  /** Files that callers may name in `sqlite:/path` and `pglite:/path`; `*` matches any characters. Default: none. */
  readonly files?: readonly string[];
  /** Databases whose URLs callers need not know: they call `database:NAME`. */
  readonly named?: Readonly<Record<string, NamedDatabase>>;
}

export interface NamedDatabase {
  /** With user and password. */
  readonly url: string;
  /** Ids of the connectors whose calls may use it; `*` matches any characters. */
  readonly connectors: readonly string[];
  /** Tenants whose calls may use it; `*` matches any characters. Default: all. */
  readonly tenants?: readonly string[];
  /** Default: that of all pools. */
  readonly poolSize?: number;
  /** Every call's session is read-only, whatever it says. Default: false. */
  readonly readOnly?: boolean;
}

export interface ResolvedNamed {
  readonly name: string;
  /** The name stays for logs; the URL with its password is the engine's own. */
  readonly target: ParsedUrl;
  readonly poolSize: number;
  readonly readOnly: boolean;
  isFor(connector: string, tenantId: string): boolean;
}

export interface ResolvedDatabases {
  readonly poolSize: number;
  readonly maxConnections: number;
  readonly idleMs: number;
  readonly maxRows: number;
  mayOpen(path: string): boolean;
  named(name: string): ResolvedNamed | undefined;
}

export const USUAL_DATABASES: Required<
  Pick<DatabaseOptions, "poolSize" | "maxConnections" | "idleMs" | "maxRows">
> = { poolSize: 4, maxConnections: 64, idleMs: 60_000, maxRows: 10_000 };

/** @throws ConnectorError `config.option`. */
export function resolveDatabases(options: DatabaseOptions = {}): ResolvedDatabases {
  const all = { ...USUAL_DATABASES, ...options };
  const poolSize = positive("databases.poolSize", all.poolSize);
  const files = (options.files ?? []).map(pattern);
  const named = new Map(
    Object.entries(options.named ?? {}).map(([name, one]) => [name, resolve(name, one, poolSize)]),
  );
  return {
    poolSize,
    maxConnections: positive("databases.maxConnections", all.maxConnections),
    idleMs: milliseconds("databases.idleMs", all.idleMs),
    maxRows: positive("databases.maxRows", all.maxRows),
    // A path that goes up could leave the folder that a pattern names.
    mayOpen: (path) => !path.split("/").includes("..") && files.some((fits) => fits(path)),
    named: (name) => named.get(name),
  };
}

function resolve(name: string, one: NamedDatabase, poolSize: number): ResolvedNamed {
  const at = `databases.named.${name}`;
  const url = urlOf(at, one.url);
  const target = parsedDatabase(url);
  if (target.database?.kind === undefined) {
    throw invalidRequest("config.option", `${at}.url is not the URL of a database`);
  }
  const connectors = one.connectors.map(pattern);
  const tenants = one.tenants?.map(pattern);
  return {
    name,
    target: { ...target, host: name },
    poolSize: one.poolSize === undefined ? poolSize : positive(`${at}.poolSize`, one.poolSize),
    readOnly: one.readOnly ?? false,
    isFor: (connector, tenantId) =>
      connectors.some((fits) => fits(connector)) &&
      (tenants === undefined || tenants.some((fits) => fits(tenantId))),
  };
}

/** The URL itself is not shown: it holds a password. */
function urlOf(at: string, text: string): URL {
  try {
    return databaseUrl(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : "it cannot be read";
    throw invalidRequest("config.option", `${at}.url: ${why}`);
  }
}
