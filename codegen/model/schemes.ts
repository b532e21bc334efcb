import type { Protocol } from "./database.ts";

/** Of the addresses of a database, the usual one first. */
export const DATABASE_SCHEMES: Readonly<Record<Protocol, readonly [string, ...string[]]>> = {
  postgres: ["postgres", "postgresql", "pglite"],
  sqlite: ["sqlite"],
  redis: ["redis", "rediss"],
};
