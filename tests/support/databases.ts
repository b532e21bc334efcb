/** Where a test finds a server of databases: the one that listens on its usual port; else there is none, and why. */
import { connect } from "node:net";

export interface TestServer {
  /** Why tests with it are skipped; undefined when it is there. */
  readonly missing: string | undefined;
  readonly port: number;
}

export const POSTGRES_PORT = 5432;
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

/** A name that no other run uses. */
export function ownName(prefix: string): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "").slice(0, 12)}`;
}
