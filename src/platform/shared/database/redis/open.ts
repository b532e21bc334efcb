/** Redis over the package `ioredis`, which speaks the protocol here: one connection, ours, and no second attempt at anything. */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { CallSignal } from "../../../../core/async/call_signal.ts";
import { fromBase64 } from "../../../../core/bytes.ts";
import type { CommandBody } from "../../../../core/database/body.ts";
import type {
  DatabaseConnection,
  DatabaseCursor,
  DatabaseOutcome,
  DatabaseTarget,
  DatabaseWork,
} from "../../../../core/database/driver.ts";
import { ConnectorError } from "../../../../core/errors.ts";
import { loadPackage } from "../../../../core/optional_package.ts";
import { badBody, connectionLost } from "../../../../engine/database/failures.ts";
import { serverError } from "../../../../engine/database/sqlstate.ts";
import { dialTcp, secured } from "../dial.ts";
import { begun } from "../begin.ts";
import { drivers } from "../packages.ts";
import { isHeld, redisError } from "./commands.ts";
import { replyToJson } from "./reply.ts";

/** What is used of the package. */
interface Client {
  connect(): Promise<void>;
  callBuffer(name: string, ...args: (string | Buffer)[]): Promise<unknown>;
  disconnect(): void;
  on(event: "error" | "end", listener: (error: Error) => void): unknown;
}

type Redis = new (options: Readonly<Record<string, unknown>>) => Client;

export async function openRedis(
  target: DatabaseTarget,
  signal: CallSignal,
): Promise<DatabaseConnection> {
  const { Redis } = await loadPackage(
    drivers.ioredis as () => Promise<{ Redis: Redis }>,
    `${target.url.protocol} needs`,
    "ioredis",
  );
  const database = databaseOf(target.url);
  const socket = await dial(target, signal);
  const options = optionsOf(target.url, database, socket);
  return await begun(new RedisConnection(new Redis(options), socket), signal);
}

async function dial(target: DatabaseTarget, signal: CallSignal): Promise<Socket> {
  const socket = await dialTcp(target, 6379, signal);
  if (target.url.protocol !== "rediss:") return socket;
  try {
    return await secured(socket, target, true, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** @throws ConnectorError `database.request`. */
function databaseOf({ pathname }: URL): number {
  const database = pathname.slice(1);
  if (/^\d*$/.test(database)) return Number(database || 0);
  throw badBody("the path of a Redis URL is the number of a database");
}

function optionsOf(
  url: URL,
  database: number,
  socket: Socket,
): Readonly<Record<string, unknown>> {
  let taken = false;
  class Connector {
    check(): boolean {
      return true;
    }
    disconnect(): void {
      socket.destroy();
    }
    connect(): Promise<Socket> {
      if (taken) return Promise.reject(connectionLost(true));
      taken = true;
      return Promise.resolve(socket);
    }
  }
  return {
    Connector,
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: database,
    protocol: 3,
    replyMapping: "resp3",
    // Text comes as bytes, so numbers as text are still told from it, and are exact.
    stringNumbers: true,
    lazyConnect: true,
    retryStrategy: null,
    reconnectOnError: null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
  };
}

class RedisConnection implements DatabaseConnection {
  onLost: (() => void) | undefined = undefined;
  usable = true;
  readonly #client: Client;
  readonly #socket: Socket;
  /** Commands of which the server has said that they only read. */
  readonly #reads = new Map<string, boolean>();

  constructor(client: Client, socket: Socket) {
    this.#client = client;
    this.#socket = socket;
    // Each failure is that of the command, too.
    client.on("error", () => {});
    socket.once("close", () => {
      const idle = this.usable;
      this.usable = false;
      if (idle) this.onLost?.();
    });
  }

  async begin(): Promise<void> {
    try {
      await this.#client.connect();
    } catch (error) {
      throw toldOpening(error);
    }
  }

  async run({ body }: DatabaseWork): Promise<DatabaseOutcome> {
    if (!("command" in body)) throw badBody("Redis takes a command, not a statement");
    const [name, ...args] = body.command.map(argument) as [string, ...(string | Buffer)[]];
    if (isHeld(name)) {
      throw badBody(`${name.toUpperCase()} changes the connection, which calls share`);
    }
    if (!this.usable) throw connectionLost(false);
    try {
      if (body.readOnly && !await this.#onlyReads(name, args[0])) throw writes(name);
      const reply = await this.#client.callBuffer(name, ...args);
      return { kind: "value", json: replyToJson(reply, body) };
    } catch (error) {
      if (error instanceof ConnectorError) throw error;
      throw redisError(error, this.usable) ?? connectionLost(true);
    }
  }

  stream(): DatabaseCursor {
    const next = () => Promise.reject(badBody("Redis has no rows to stream"));
    return { next, close: () => Promise.resolve() };
  }

  /** The server drops what a connection that is closed waits for. */
  cancel(): void {
    this.close();
  }

  close(): void {
    this.usable = false;
    this.#client.disconnect();
    // The package does not know of it before it has connected.
    this.#socket.destroy();
  }

  async #onlyReads(name: string, sub: string | Buffer | undefined): Promise<boolean> {
    const whole = name.toLowerCase();
    const names = typeof sub === "string" && /^[\w-]+$/.test(sub)
      ? [`${whole}|${sub.toLowerCase()}`, whole]
      : [whole];
    const key = names[0] as string;
    const known = this.#reads.get(key) ?? this.#reads.get(whole);
    if (known !== undefined) return known;
    const found = await this.#client.callBuffer("COMMAND", "INFO", ...names) as unknown[];
    const at = found.findIndex((one) => Array.isArray(one));
    const flags = at < 0 ? [] : (found[at] as unknown[])[2] as unknown[];
    const reads = flags.some((flag) => String(flag) === "readonly");
    // Arguments are not subcommands: what is said of a whole command is kept for all of them.
    this.#reads.set(at < 0 ? key : names[at] as string, reads);
    return reads;
  }
}

function argument(one: CommandBody["command"][number]): string | Buffer {
  if (typeof one === "string") return one;
  if (typeof one === "number") return String(one);
  const bytes = fromBase64(one.$bytes);
  if (bytes === undefined) throw badBody("$bytes of an argument is not base64");
  return Buffer.from(bytes);
}

function writes(name: string): ConnectorError {
  return serverError(
    "database.read_only",
    `${name.toUpperCase().slice(0, 40)} is not a command that only reads`,
  );
}

function toldOpening(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const told = redisError(error, true) ?? connectionLost(false);
  const { errorClass, code, message, origin } = told;
  return new ConnectorError({ errorClass, code, message, origin, sent: "no" });
}
