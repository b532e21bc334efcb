/** The optional packages of databases. Apart from their loader, since the command line names them before it knows what it does. */
type PgliteModule = typeof import("@electric-sql/pglite");

/** A bundler would look for a package that is named in an import, and fail without it. */
const [POSTGRES, PGLITE, IOREDIS, MYSQL] = [
  "postgres",
  "@electric-sql/pglite",
  "ioredis",
  "mysql2",
] as const;

/** A program that is made into one file puts imports here that its bundler sees. */
export const drivers: {
  postgres: () => Promise<unknown>;
  pglite: () => Promise<PgliteModule>;
  ioredis: () => Promise<unknown>;
  mysql: () => Promise<unknown>;
} = {
  postgres: () => import(POSTGRES),
  pglite: () => import(PGLITE) as Promise<PgliteModule>,
  ioredis: () => import(IOREDIS),
  mysql: () => import(MYSQL),
};
