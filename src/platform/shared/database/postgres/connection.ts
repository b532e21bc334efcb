/**
 * A connection to PostgreSQL over the package `postgres`, which speaks the protocol here and nothing else: the socket is ours
 * (the address that was checked, our TLS) and there is one, so that nothing is ever sent again on another that knows nothing
 * of the transaction; pools, timeouts and cancelling are the engine's.
 */
import type { StatementBody } from "../../../../core/database/body.ts";
import type {
  DatabaseConnection,
  DatabaseCursor,
  DatabaseOutcome,
  DatabaseWork,
} from "../../../../core/database/driver.ts";
import { deferred } from "../../../../core/deferred.ts";
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";
import { badBody, connectionLost, WRONG } from "../../../../engine/database/failures.ts";
import { sqlError } from "../../../../engine/database/sqlstate.ts";
import { MOST_BYTES } from "../limits.ts";
import { openCursor } from "./cursor.ts";
import type { Backend, DatabaseSocket, FoundStatement, Query, Row, Sql } from "./package.ts";
import { checkParameters } from "./parameters.ts";
import { closing, opening, settings } from "./session.ts";
import { FIRST_OWN } from "./types.ts";
import { rowEncoder } from "./values.ts";

export interface PostgresDeps {
  readonly sql: Sql;
  readonly socket: DatabaseSocket;
  /** Asks the server to end what a process runs. */
  readonly stop: (backend: Backend) => Promise<void>;
}

/** Statements that a server keeps prepared for a connection; with more it is given up after its call. */
const MOST_PREPARED = 500;
/** For a server to end what it was told to end, ms. */
const PATIENCE_MS = 5_000;
const READY = 0x5a;
const IDLE = 0x49;
const OPEN = 0x54;
/** Without parameters, the package would let a text have several statements, of which one could end the session. */
const ONE_STATEMENT = { prepare: true, simple: false };
const OWN_ARRAYS = "select oid, typelem from pg_catalog.pg_type " +
  `where typcategory = 'A' and typelem <> 0 and oid >= ${FIRST_OWN}`;

interface Point {
  readonly opening: boolean;
  readonly declared: boolean;
}

const OPENING: Point = { opening: true, declared: false };

export class PostgresConnection implements DatabaseConnection {
  onLost: (() => void) | undefined = undefined;
  readonly #sql: Sql;
  readonly #socket: DatabaseSocket;
  readonly #stop: (backend: Backend) => Promise<void>;
  readonly #arrays = new Map<number, number>();
  readonly #prepared = new Set<string>();
  #usable = true;
  #closed = false;
  #cancelled = false;
  #relax: () => void = () => {};
  #backend: Backend | undefined;
  /** What the server's last message says about the transaction. */
  #state: number | undefined;
  #limitMs = 0;
  /** Told when the connection is lost. */
  readonly #users = new Set<(error: ConnectorError) => void>();

  constructor({ sql, socket, stop }: PostgresDeps) {
    this.#sql = sql;
    this.#socket = socket;
    this.#stop = stop;
    socket.on("data", (bytes: Uint8Array) => {
      // A server that is ready says so in its last message: "Z", its length and the state.
      const at = bytes.length - 6;
      this.#state = at >= 0 && bytes[at] === READY && bytes[at + 4] === 5
        ? bytes[at + 5]
        : undefined;
    });
    socket.once("close", () => this.#gone());
  }

  get usable(): boolean {
    return this.#usable && this.#prepared.size <= MOST_PREPARED;
  }

  /** The handshake, and which types are lists. */
  async begin(): Promise<void> {
    await this.#use(OPENING, () => this.#readArrays());
  }

  async run(work: DatabaseWork): Promise<DatabaseOutcome> {
    const body = statementOf(work);
    const step = body.result === "describe"
      ? () => this.#describe(body)
      : () => this.#execute(body, work);
    return await this.#use(pointOf(body), step);
  }

  stream(work: DatabaseWork): DatabaseCursor {
    const body = statementOf(work);
    return openCursor({
      begin: () => this.#beginSession(body, work.timeoutMs),
      query: () => this.#query(body),
      encoder: (statement) => this.#encoder(body, statement),
      end: (failed) => this.#endSession(body, failed),
      use: (step) => this.#use(pointOf(body), step),
      stop: () => this.cancel(),
      hurry: () => this.#hurry(),
      CLOSE: this.#sql.CLOSE,
    });
  }

  /** What was cancelled late could hit the next statement: the connection is not used again. */
  cancel(): void {
    if (this.#closed || this.#cancelled) return;
    this.#cancelled = true;
    this.#usable = false;
    const backend = this.#backend;
    if (backend === undefined) return this.close();
    this.#relax = this.#hurry();
    this.#stop(backend).catch(() => this.close());
  }

  /** A server that does not even answer that keeps nothing of ours. */
  #hurry(): () => void {
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    return () => clearTimeout(timer);
  }

  close(): void {
    this.#usable = false;
    this.#relax();
    if (this.#closed) return;
    this.#closed = true;
    this.#loseAll();
    this.#sql.end({ timeout: 0 }).catch(() => {});
    this.#socket.destroy();
  }

  #gone(): void {
    this.#relax();
    const idle = this.#usable;
    this.#usable = false;
    this.#closed = true;
    this.#loseAll();
    if (idle) this.onLost?.();
  }

  #loseAll(): void {
    const users = [...this.#users];
    this.#users.clear();
    for (const fail of users) fail(connectionLost(true));
  }

  /** The package leaves some promises unsettled when its connection is lost. */
  async #use<T>(at: Point, step: () => Promise<T>): Promise<T> {
    if (this.#closed) throw connectionLost(false);
    const { promise, reject } = deferred<never>();
    this.#users.add(reject);
    try {
      return await Promise.race([step(), promise]);
    } catch (error) {
      throw this.#explained(error, at);
    } finally {
      this.#users.delete(reject);
    }
  }

  /** The error of the package has the statement and its parameters: it goes no further than here. */
  #explained(error: unknown, at: Point): ConnectorError {
    if (error instanceof ConnectorError) return error;
    const { code, message } = error as { code?: unknown; message?: unknown };
    if (typeof code === "string" && /^[0-9A-Z]{5}$/.test(code)) {
      return sqlError({ state: code, message: typeof message === "string" ? message : "" }, at);
    }
    this.#usable = false;
    return connectionLost(!at.opening);
  }

  async #execute(body: StatementBody, work: DatabaseWork): Promise<DatabaseOutcome> {
    const began = this.#beginSession(body, work.timeoutMs);
    const rows: string[] = [];
    let encode: ((row: Row) => string) | undefined;
    let failure: unknown;
    let more = false;
    let bytes = 0;
    const query = this.#query(body);
    const main = query.forEach((row) => {
      // What is thrown here would end up elsewhere.
      if (failure !== undefined || more || body.result === "affected") return;
      try {
        encode ??= this.#encoder(body, query.statement);
        if (rows.length >= work.maxRows) {
          more = true;
          return this.#enough(body);
        }
        const json = encode(row);
        bytes += json.length;
        if (bytes > MOST_BYTES) throw WRONG.tooLarge(MOST_BYTES);
        rows.push(json);
      } catch (error) {
        failure = error;
        rows.length = 0;
        this.#enough(body);
      }
    });
    const [setUp, done] = await Promise.allSettled([began, main]);
    const broken = setUp.status === "rejected" || done.status === "rejected";
    await this.#endSession(body, broken || failure !== undefined);
    if (!broken && this.#state === OPEN) throw leftOpen();
    if (failure !== undefined) throw failure;
    if (setUp.status === "rejected") throw setUp.reason;
    if (done.status === "rejected") {
      if (!more) throw done.reason;
      return { kind: "rows", rows, columns: 0, more, affected: 0 };
    }
    const columns = query.statement?.columns?.length ?? 0;
    return { kind: "rows", rows, columns, more, affected: done.value.count ?? 0 };
  }

  /** Nobody wants the rest; only of what just reads is it certain that nothing else is lost with it. */
  #enough(body: StatementBody): void {
    if (/^\s*(select|values|table|show)\b/i.test(body.statement)) this.cancel();
  }

  async #describe(body: StatementBody): Promise<DatabaseOutcome> {
    const { types, columns } = await this.#sql.unsafe(body.statement).describe();
    return {
      kind: "description",
      description: {
        parameters: types,
        columns: (columns ?? []).map(({ name, type, table, number }) => ({
          name,
          type,
          table,
          column: number,
        })),
      },
    };
  }

  /** Sent at once with what follows: one way to the server and back for all of it. */
  async #beginSession(body: StatementBody, timeoutMs: number): Promise<void> {
    const begin = opening(body.session);
    if (begin === undefined) {
      // A limit that is there already and not too far off stays.
      if (this.#limitMs >= timeoutMs && this.#limitMs <= 2 * timeoutMs) return;
      this.#limitMs = Math.ceil(timeoutMs * 1.25);
      await this.#sql.unsafe(`set statement_timeout = ${this.#limitMs}`).execute();
      return;
    }
    const { text, values } = settings(body.session, timeoutMs);
    this.#prepared.add(text);
    // Sent in the order in which they are executed; to wait for one of them sends it a moment later.
    await Promise.all([
      this.#sql.unsafe(begin).execute(),
      this.#sql.unsafe(text, values, ONE_STATEMENT).execute(),
    ]);
  }

  async #endSession(body: StatementBody, failed: boolean): Promise<void> {
    const end = closing(body.session, failed);
    try {
      if (end !== undefined) await this.#sql.unsafe(end);
      // It resets the limit, too.
      if (end?.startsWith("commit")) this.#limitMs = 0;
    } finally {
      if (this.#state !== IDLE) this.#usable = false;
    }
  }

  #query(body: StatementBody): Query {
    const parameters = body.parameters ?? [];
    this.#prepared.add(body.statement);
    // Type 0: the server says which it is.
    const typed = parameters.map((value) => this.#sql.typed(value, 0));
    return this.#sql.unsafe(body.statement, typed, ONE_STATEMENT).values();
  }

  #encoder(body: StatementBody, statement: FoundStatement | null): (row: Row) => string {
    return rowEncoder(
      statement?.columns ?? [],
      this.#arrays,
      body.as ?? {},
      body.result === "value",
    );
  }

  async #readArrays(): Promise<void> {
    const query = this.#sql.unsafe(OWN_ARRAYS).values();
    for (const [type, element] of await query) this.#arrays.set(Number(type), Number(element));
    this.#backend = query.state ?? undefined;
  }
}

function leftOpen(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "database.transaction",
    message: "the statement began a transaction, which the runtime has ended: " +
      "a session says what transaction a statement runs in",
    origin: "caller",
  });
}

function pointOf({ session }: StatementBody): Point {
  return { opening: false, declared: session?.isolation !== undefined };
}

function statementOf({ body }: DatabaseWork): StatementBody {
  if ("statement" in body) {
    checkParameters(body.parameters ?? []);
    return body;
  }
  throw badBody("PostgreSQL takes a statement, not a command");
}
