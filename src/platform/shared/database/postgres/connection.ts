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
import { ConnectorError, ErrorClass, type Sent } from "../../../../core/errors.ts";
import { badBody, connectionLost } from "../../../../engine/database/failures.ts";
import { sqlError } from "../../../../engine/database/sqlstate.ts";
import { openCursor } from "./cursor.ts";
import type { Backend, DatabaseSocket, Query, Result, Sql } from "./package.ts";
import { Steps } from "../steps.ts";
import { checkOwnStatement } from "./own_statement.ts";
import { checkParameters } from "./parameters.ts";
import { Rows } from "./rows.ts";
import { PostgresStatements } from "./statements.ts";

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

interface Point {
  readonly opening: boolean;
  readonly declared: boolean;
  readonly body?: StatementBody;
}

/** Where the server finds that a statement which it has prepared now means something else. */
const REPLANNED = "RevalidateCachedQuery";
const OPENING: Point = { opening: true, declared: false };

export class PostgresConnection implements DatabaseConnection {
  onLost: (() => void) | undefined = undefined;
  readonly #sql: Sql;
  readonly #socket: DatabaseSocket;
  readonly #stop: (backend: Backend) => Promise<void>;
  readonly #statements: PostgresStatements;
  #usable = true;
  #closed = false;
  #cancelled = false;
  #relax: () => void = () => {};
  #backend: Backend | undefined;
  /** What the server's last message says about the transaction. */
  #state: number | undefined;
  /** Told when the connection is lost. */
  readonly #steps = new Steps();

  constructor({ sql, socket, stop }: PostgresDeps) {
    this.#sql = sql;
    this.#statements = new PostgresStatements(sql);
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
    return this.#usable && this.#statements.count <= MOST_PREPARED;
  }

  /** The handshake, and which types are lists. */
  async begin(): Promise<void> {
    const { state } = await this.#use(OPENING, () => this.#statements.readTypes());
    this.#backend = state;
  }

  run(work: DatabaseWork): Promise<DatabaseOutcome> {
    let body: StatementBody;
    try {
      body = this.#asked(work);
    } catch (error) {
      return Promise.reject(error);
    }
    const step = body.result === "describe"
      ? () => this.#describe(body, work.timeoutMs)
      : () => this.#execute(body, work);
    return this.#use(pointOf(body), step);
  }

  stream(work: DatabaseWork): DatabaseCursor {
    const body = this.#asked(work);
    const statements = this.#statements;
    return openCursor({
      begin: () => this.#begin(body, work.timeoutMs),
      query: () => statements.query(body),
      encoder(statement) {
        const encode = statements.encoder(body, statement);
        if (encode === undefined) throw planChanged("maybe");
        return encode;
      },
      end: (failed) => this.#end(body, failed),
      use: (step) => this.#use(pointOf(body), step),
      lost: () => this.#closed,
      stop: () => this.cancel(),
      hurry: () => this.#hurry(),
      CLOSE: this.#sql.CLOSE,
    });
  }

  #asked({ body }: DatabaseWork): StatementBody {
    if (!("statement" in body)) throw badBody("PostgreSQL takes a statement, not a command");
    const lasts = checkOwnStatement(body.statement);
    checkParameters(body.parameters ?? []);
    // With the session, what the statement leaves in it goes.
    if (lasts) this.#usable = false;
    return body;
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
    this.#steps.loseAll();
    this.#sql.end({ timeout: 0 }).catch(() => {});
    this.#socket.destroy();
  }

  #gone(): void {
    this.#relax();
    const idle = this.#usable;
    this.#usable = false;
    this.#closed = true;
    this.#steps.loseAll();
    if (idle) this.onLost?.();
  }

  #use<T>(at: Point, step: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(connectionLost(false));
    const explained = (error: unknown): ConnectorError => this.#explained(error, at);
    return this.#steps.run(step, explained, () => connectionLost(!at.opening));
  }

  /** The error of the package has the statement and its parameters: it goes no further than here. */
  #explained(error: unknown, at: Point): ConnectorError {
    if (error instanceof ConnectorError) return error;
    const { name, code, message, routine } = error as {
      name?: unknown;
      code?: unknown;
      message?: unknown;
      routine?: unknown;
    };
    if (routine === REPLANNED && at.body !== undefined) {
      this.#statements.forget(at.body);
      return planChanged("no");
    }
    // A socket's EPIPE has five letters as well.
    if (name === "PostgresError" && typeof code === "string") {
      return sqlError({ state: code, message: typeof message === "string" ? message : "" }, at);
    }
    this.#usable = false;
    return connectionLost(!at.opening);
  }

  async #execute(body: StatementBody, work: DatabaseWork): Promise<DatabaseOutcome> {
    const statements = this.#statements;
    const began = statements.begin(body, work.timeoutMs);
    const learned = statements.learn(body);
    if (learned !== undefined) {
      const first = await Promise.allSettled([began, learned]);
      const failed = first.find((one) => one.status === "rejected");
      if (failed !== undefined) {
        await this.#end(body, true);
        throw failed.reason;
      }
    }
    const query = statements.query(body);
    const rows = new Rows(work.maxRows, body, () => statements.encoder(body, query.statement));
    rows.onEnough = () => this.#enough(body);
    const main = query.forEach((row) => rows.add(row));
    // One that only reads ends in the same way whatever comes of it.
    const end = body.session?.readOnly ? statements.end(body, false) : undefined;
    let affected = 0;
    let failure: unknown;
    try {
      // Nearly all calls wait for the statement only.
      if (began === undefined) affected = (await main).count ?? 0;
      else affected = (await settled(began, main, end)).count ?? 0;
    } catch (error) {
      failure = error;
    }
    failure = rows.failure ?? (rows.more ? undefined : failure);
    if (end === undefined) await this.#end(body, failure !== undefined);
    else this.#check();
    if (failure !== undefined) throw failure;
    if (this.#state === OPEN) throw leftOpen();
    if (rows.isUnread) {
      await statements.readTypes();
      rows.read();
    }
    const columns = query.statement?.columns?.length ?? 0;
    return { kind: "rows", rows: rows.rows, columns, more: rows.more, affected };
  }

  /** Nobody wants the rest; only of what just reads is it certain that nothing else is lost with it. */
  #enough(body: StatementBody): void {
    if (/^\s*(select|values|table|show)\b/i.test(body.statement)) this.cancel();
  }

  /** In its session, whose settings say what its names mean. */
  async #describe(body: StatementBody, timeoutMs: number): Promise<DatabaseOutcome> {
    const within = { ...body, session: { ...body.session, readOnly: true } };
    try {
      await this.#statements.begin(within, timeoutMs);
      const { types, columns } = await this.#statements.describe(body);
      // It says which rows of tables may be missing.
      const plan = columns?.some(({ table }) => table !== 0)
        ? await this.#statements.plan(body, types.length).catch(() => {
          // What was prepared by then is there still.
          this.#usable = false;
        })
        : undefined;
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
          ...plan !== undefined && { plan },
        },
      };
    } finally {
      await this.#end(within, true);
    }
  }

  async #begin(body: StatementBody, timeoutMs: number): Promise<void> {
    await Promise.all([this.#statements.begin(body, timeoutMs), this.#statements.learn(body)]);
  }

  async #end(body: StatementBody, failed: boolean): Promise<void> {
    // The server ends the sessions of connections that it has lost.
    if (this.#closed) return;
    try {
      await this.#statements.end(body, failed);
    } finally {
      this.#check();
    }
  }

  /** A connection with a transaction is nobody's. */
  #check(): void {
    if (this.#state !== IDLE) this.#usable = false;
  }
}

/** All of them, since what is not waited for would be an error of nobody; the first failure is the reason of the others. */
async function settled(
  began: PromiseLike<unknown>,
  main: Query,
  end: Query | undefined,
): Promise<Result> {
  const [first, done, last] = await Promise.allSettled([began, main, end]);
  for (const one of [first, done, last]) if (one.status === "rejected") throw one.reason;
  return (done as PromiseFulfilledResult<Result>).value;
}

/** Whatever was done with it before is undone; prepared again, it passes. */
function planChanged(sent: Sent): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "database.plan_changed",
    message: "what the statement gives has changed since it was prepared",
    origin: "upstream",
    sent,
  });
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

function pointOf(body: StatementBody): Point {
  return { opening: false, declared: body.session?.isolation !== undefined, body };
}
