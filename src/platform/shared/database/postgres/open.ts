/** Opens connections to PostgreSQL, over a network or in PGlite. */
import type { CallSignal } from "../../../../core/async/call_signal.ts";
import type { DatabaseTarget } from "../../../../core/database/driver.ts";
import { loadPackage } from "../../../../core/optional_package.ts";
import { connectionLost } from "../../../../engine/database/failures.ts";
import { begun } from "../begin.ts";
import { drivers } from "../packages.ts";
import { PostgresConnection } from "./connection.ts";
import { parameterText } from "./parameters.ts";
import type { Backend, DatabaseSocket, Postgres, Sql } from "./package.ts";

export interface PostgresTransport {
  /** Connected, and secured if it is to be. */
  readonly socket: DatabaseSocket;
  readonly stop: (backend: Backend) => Promise<void>;
}

/** Settings that our reading of values relies on. */
const SESSION = {
  TimeZone: "UTC",
  DateStyle: "ISO",
};

export async function openPostgres(
  target: DatabaseTarget,
  transport: () => Promise<PostgresTransport>,
  signal: CallSignal,
): Promise<PostgresConnection> {
  const postgres = await loadPostgres(target.url.protocol);
  const { socket, stop } = await transport();
  const sql = postgres(optionsOf(target, once(socket)));
  replaceTypes(sql);
  return await begun(new PostgresConnection({ sql, socket, stop }), signal);
}

async function loadPostgres(protocol: string): Promise<Postgres> {
  const { default: postgres } = await loadPackage(
    drivers.postgres as () => Promise<{ default: Postgres }>,
    `${protocol} needs`,
    "postgres",
    ...protocol === "pglite:" ? ["@electric-sql/pglite"] : [],
  );
  return postgres;
}

/** Everything is given: what is not, the package takes from the environment of this process. */
function optionsOf(
  { url }: DatabaseTarget,
  socket: () => DatabaseSocket,
): Readonly<Record<string, unknown>> {
  const user = decodeURIComponent(url.username) || "postgres";
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname || "localhost",
    port: Number(url.port) || 5432,
    path: null,
    user,
    // A function: an empty text would be replaced by PGPASSWORD.
    pass: () => password,
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    socket,
    max: 1,
    ssl: false,
    sslnegotiation: null,
    idle_timeout: 0,
    connect_timeout: 0,
    max_lifetime: 0,
    max_pipeline: 100,
    backoff: 0,
    keep_alive: 60,
    prepare: true,
    debug: false,
    fetch_types: false,
    publications: "",
    connection: {
      ...SESSION,
      application_name: url.searchParams.get("application_name") ?? "vastar",
    },
    no_subscribe: true,
    onnotice: () => {},
  };
}

/** A second one would know nothing of the transaction that the first began. */
function once(socket: DatabaseSocket): () => DatabaseSocket {
  let taken = false;
  return () => {
    if (taken) throw connectionLost(true);
    taken = true;
    return socket;
  };
}

/** Values come as the server's text and go as ours. */
function replaceTypes(sql: Sql): void {
  const { parsers } = sql.options;
  for (const type of Object.keys(parsers)) delete parsers[Number(type)];
  sql.options.serializers = new Proxy({}, {
    has: () => true,
    get: (_, type) => (value: never) => parameterText(value, Number(type)),
  });
}
