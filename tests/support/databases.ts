/** Where a test finds a server of databases: the one that listens on its usual port; else there is none, and why. */
import { connect } from "node:net";

export interface TestServer {
  /** Why tests with it are skipped; undefined when it is there. */
  readonly missing: string | undefined;
  readonly port: number;
}

export const POSTGRES_PORT = 5432;
export const MYSQL_PORT = 3306;
export const REDIS_PORT = 6379;
/** Role and database of the server that tests use. */
export const POSTGRES_LOGIN = "root";
export const POSTGRES_DATABASE = "test";

export async function serverOn(port: number, what: string): Promise<TestServer> {
  const there = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
  return { port, missing: there ? undefined : `no ${what} listens on port ${port}` };
}

export const postgresUrl = (
  port: number = POSTGRES_PORT,
  database: string = POSTGRES_DATABASE,
): string => `postgres://${POSTGRES_LOGIN}@127.0.0.1:${port}/${database}`;

/** The tests use what only MariaDB has, such as tables of numbers. It says what it is before anyone asks. */
export async function mariadbServer(): Promise<TestServer> {
  const greeting = await new Promise<string>((resolve) => {
    const socket = connect({ host: "127.0.0.1", port: MYSQL_PORT });
    socket.once("data", (bytes) => {
      socket.destroy();
      resolve(bytes.toString("latin1"));
    });
    socket.once("error", () => resolve(""));
  });
  const missing = greeting.includes("MariaDB")
    ? undefined
    : `no MariaDB listens on port ${MYSQL_PORT}`;
  return { port: MYSQL_PORT, missing };
}

/** Its user has no password. */
export const mysqlUrl = (port: number = MYSQL_PORT): string =>
  `mysql://root@127.0.0.1:${port}/test`;

/** A name that no other run uses. */
export function ownName(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
