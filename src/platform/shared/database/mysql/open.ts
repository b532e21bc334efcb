/** Opens connections to MySQL and MariaDB. */
import type { Socket } from "node:net";
import type { CallSignal } from "../../../../core/async/call_signal.ts";
import type { DatabaseTarget } from "../../../../core/database/driver.ts";
import { invalidRequest } from "../../../../core/errors.ts";
import { loadPackage } from "../../../../core/optional_package.ts";
import { bareHost, parseIp } from "../../../../http/address.ts";
import { begun } from "../begin.ts";
import { dialTcp } from "../dial.ts";
import { drivers } from "../packages.ts";
import { sslMode } from "../ssl_mode.ts";
import { MysqlConnection } from "./connection.ts";
import type { Client, Mysql } from "./package.ts";

const USUAL_PORT = 3306;
const STOP_MS = 5_000;

export async function openMysql(
  target: DatabaseTarget,
  signal: CallSignal,
): Promise<MysqlConnection> {
  const { client, socket } = await dial(target, signal);
  const stop = async (thread: number): Promise<void> => {
    const second = await dial(target, AbortSignal.timeout(STOP_MS));
    try {
      await told(second.client, thread);
    } finally {
      second.client.destroy();
      second.socket.destroy();
    }
  };
  return await begun(new MysqlConnection({ client, socket, stop, peer: target.url.host }), signal);
}

interface Dialled {
  readonly client: Client;
  readonly socket: Socket;
}

async function dial(target: DatabaseTarget, signal: CallSignal): Promise<Dialled> {
  const mysql = await loadPackage(
    drivers.mysql as () => Promise<{ default: Mysql }>,
    `${target.url.protocol} needs`,
    "mysql2",
  );
  const ssl = await tlsOf(target);
  const socket = await dialTcp(target, USUAL_PORT, signal);
  return { client: mysql.default.createConnection(optionsOf(target, socket, ssl)), socket };
}

type Tls = Readonly<Record<string, unknown>> | undefined;

/** The package begins TLS itself, in the middle of its greeting. */
async function tlsOf({ url, pinned, ca }: DatabaseTarget): Promise<Tls> {
  const verify = sslMode(url, pinned);
  if (verify === undefined) return undefined;
  if (verify && parseIp(bareHost(url.hostname)) !== undefined) {
    throw invalidRequest(
      "request.url",
      "a certificate is checked against a name, and the host is an address: give the name, or " +
        "sslmode=require, which checks nothing",
    );
  }
  const tls = await import("node:tls");
  return {
    rejectUnauthorized: verify,
    verifyIdentity: verify,
    minVersion: "TLSv1.2",
    ...(ca.length > 0 && { ca: [...tls.rootCertificates, ...ca] }),
  };
}

/** Everything is given: what is not, the package guesses. */
function optionsOf(
  { url }: DatabaseTarget,
  socket: Socket,
  ssl: Tls,
): Readonly<Record<string, unknown>> & { readonly stream: Socket } {
  return {
    stream: socket,
    host: bareHost(url.hostname),
    port: Number(url.port) || USUAL_PORT,
    user: decodeURIComponent(url.username) || "root",
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: "UTF8MB4_UNICODE_CI",
    timezone: "Z",
    connectTimeout: 0,
    enableKeepAlive: false,
    multipleStatements: false,
    enableCleartextPlugin: false,
    maxPreparedStatements: 500,
    // It would make code of the names of columns.
    disableEval: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: false,
    dateStrings: true,
    jsonStrings: true,
    ...(ssl !== undefined && { ssl }),
  };
}

/** Waits for the server's word: what it was told last may come first otherwise. */
function told(client: Client, thread: number): Promise<void> {
  return new Promise((resolve, reject) => {
    client.on("error", reject);
    client.connect((error) => {
      if (error) return reject(error);
      const command = client.query({ sql: `kill query ${thread}` });
      // It may have ended by itself.
      command.on("error", () => resolve());
      command.on("end", () => resolve());
    });
  });
}
