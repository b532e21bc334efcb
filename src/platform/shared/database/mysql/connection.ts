/**
 * A connection to MySQL or MariaDB over the package `mysql2`, which speaks the protocol here and nothing else: the socket is ours,
 * pools, timeouts and cancelling are the engine's. Statements are prepared, so that a value is never a part of one.
 */
import type { Socket } from "node:net";
import type { StatementBody } from "../../../../core/database/body.ts";
import type {
  DatabaseConnection,
  DatabaseCursor,
  DatabaseOutcome,
  DatabaseWork,
} from "../../../../core/database/driver.ts";
import { ConnectorError, ErrorClass } from "../../../../core/errors.ts";
import { badBody, connectionLost, WRONG } from "../../../../engine/database/failures.ts";
import { MOST_BYTES } from "../limits.ts";
import { Steps } from "../steps.ts";
import { openCursor } from "./cursor.ts";
import { descriptionOf } from "./describe.ts";
import { failureOf, mysqlError, REPREPARE, tlsError } from "./errors.ts";
import { checkOwnStatement, type OwnStatement } from "./own_statement.ts";
import type { Client, Command, Done, FoundColumn, FoundStatement, Row } from "./package.ts";
import { SESSION } from "./session.ts";
import { rowEncoder, toMysql } from "./values.ts";

export interface MysqlDeps {
  readonly client: Client;
  readonly socket: Socket;
  /** Asks the server to end what a connection runs. */
  readonly stop: (thread: number) => Promise<void>;
  /** For messages. */
  readonly peer: string;
}

/** For a server to end what it was told to end, ms. */
const PATIENCE_MS = 5_000;

interface Point {
  readonly opening: boolean;
  readonly declared: boolean;
}

const OPENING: Point = { opening: true, declared: false };

interface Question {
  readonly body: StatementBody;
  readonly own: OwnStatement;
  readonly at: Point;
}

export class MysqlConnection implements DatabaseConnection {
  onLost: (() => void) | undefined = undefined;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #peer: string;
  readonly #stop: (thread: number) => Promise<void>;
  #usable = true;
  #closed = false;
  #cancelled = false;
  #relax: () => void = () => {};
  #isMariadb = false;
  /** The server's limit for statements, ms. */
  #limitMs = 0;
  readonly #steps = new Steps();

  constructor({ client, socket, stop, peer }: MysqlDeps) {
    this.#peer = peer;
    this.#client = client;
    this.#socket = socket;
    this.#stop = stop;
    // Each failure is that of a statement, too, or the end of the socket.
    client.on("error", () => {});
    socket.once("close", () => this.#gone());
  }

  get usable(): boolean {
    return this.#usable;
  }

  /** The handshake, and the settings of the session. */
  async begin(): Promise<void> {
    await this.#use(OPENING, () =>
      new Promise<void>((resolve, reject) => {
        this.#client.connect((error) => error ? reject(error) : resolve());
      }));
    const versions: Row[] = [];
    await this.#use(OPENING, async () => {
      await this.#say(SESSION);
      await ended(this.#client.query({ sql: "select version()", rowsAsArray: true }), {
        row: (row) => void versions.push(row),
      });
    });
    this.#isMariadb = /mariadb/i.test(String(versions[0]?.[0]));
  }

  async run(work: DatabaseWork): Promise<DatabaseOutcome> {
    const asked = this.#asked(work);
    return await this.#use(
      asked.at,
      () =>
        asked.body.result === "describe" ? this.#describe(asked.body) : this.#execute(asked, work),
    );
  }

  stream(work: DatabaseWork): DatabaseCursor {
    const asked = this.#asked(work);
    return openCursor({
      run: (line) => this.#streamed(asked, work.timeoutMs, line),
      pause: () => this.#client.pause(),
      resume: () => {
        if (!this.#closed) this.#client.resume();
      },
      use: (step) => this.#use(asked.at, step),
      lost: () => this.#closed,
      stop: () => this.cancel(),
    });
  }

  /** What was cancelled late could hit the next statement: the connection is not used again. */
  cancel(): void {
    if (this.#closed || this.#cancelled) return;
    this.#cancelled = true;
    this.#usable = false;
    const timer = setTimeout(() => this.close(), PATIENCE_MS);
    this.#relax = () => clearTimeout(timer);
    this.#stop(this.#client.threadId).catch(() => this.close());
  }

  close(): void {
    this.#usable = false;
    this.#relax();
    if (this.#closed) return;
    this.#closed = true;
    this.#steps.loseAll();
    this.#client.destroy();
    this.#socket.destroy();
  }

  #gone(): void {
    this.#relax();
    const idle = this.#usable;
    this.#usable = false;
    this.#closed = true;
    // Bun says why only after it has said that it is over.
    setTimeout(() => this.#steps.loseAll());
    if (idle) this.onLost?.();
  }

  #use<T>(at: Point, step: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(connectionLost(false));
    const explained = (error: unknown): ConnectorError => this.#explained(error, at);
    return this.#steps.run(step, explained, () => connectionLost(!at.opening));
  }

  /** The error of the package has the statement: it goes no further than here. */
  #explained(error: unknown, at: Point): ConnectorError {
    if (error instanceof ConnectorError) return error;
    const failure = failureOf(error);
    if (failure === undefined) {
      this.#usable = false;
      return (at.opening ? tlsError(error, this.#peer) : undefined) ??
        connectionLost(!at.opening);
    }
    if (failure.fatal) this.#usable = false;
    return failure.errno === REPREPARE ? planChanged() : mysqlError(failure, at);
  }

  #asked({ body }: DatabaseWork): Question {
    if (!("statement" in body)) throw badBody("MySQL takes a statement, not a command");
    const { role, set, isolation, readOnly = false } = body.session ?? {};
    if (role !== undefined || set !== undefined) {
      throw badBody("MySQL has no roles and settings here: its session is readOnly, or isolation");
    }
    const own = checkOwnStatement(body.statement, readOnly);
    // With the session, what the statement leaves in it goes.
    if (own.lasts) this.#usable = false;
    return { body, own, at: { opening: false, declared: isolation !== undefined } };
  }

  async #execute({ body, own }: Question, work: DatabaseWork): Promise<DatabaseOutcome> {
    const rows: string[] = [];
    let [affected, columns, bytes, more] = [0, 0, 0, false];
    let failure: unknown;
    let encode: ((row: Row) => string) | undefined;
    const wanted = body.result !== "affected";
    const enough = (): void => {
      // Nobody wants the rest; only of what just reads is it certain that nothing else is lost with it.
      if (own.reads) this.cancel();
    };
    await this.#within(body, work.timeoutMs, async () => {
      const command = this.#ask(body);
      try {
        await ended(command, {
          fields(found) {
            columns = found.length;
            try {
              if (wanted) encode = rowEncoder(found, body.as ?? {}, body.result === "value");
            } catch (error) {
              failure = error;
            }
          },
          row(row) {
            if (more || failure !== undefined || encode === undefined) return;
            if (rows.length >= work.maxRows) {
              more = true;
              return enough();
            }
            try {
              const json = encode(row);
              bytes += json.length;
              if (bytes > MOST_BYTES) throw WRONG.tooLarge(MOST_BYTES);
              rows.push(json);
            } catch (error) {
              failure = error;
              rows.length = 0;
              enough();
            }
          },
          done: ({ affectedRows }) => affected = affectedRows,
        });
      } catch (error) {
        // It was told to end.
        if (!more && failure === undefined) throw error;
      }
      if (failure !== undefined) throw failure;
    });
    return { kind: "rows", rows, columns, more, affected };
  }

  async #streamed(
    { body }: Question,
    timeoutMs: number,
    line: (json: string) => void,
  ): Promise<void> {
    let encode: ((row: Row) => string) | undefined;
    let failure: unknown;
    await this.#within(body, timeoutMs, async () => {
      try {
        await ended(this.#ask(body), {
          fields: (found) => {
            try {
              encode = rowEncoder(found, body.as ?? {}, false);
            } catch (error) {
              failure = error;
              this.cancel();
            }
          },
          row: (row) => {
            if (failure !== undefined || encode === undefined) return;
            try {
              line(encode(row));
            } catch (error) {
              failure = error;
              this.cancel();
            }
          },
        });
      } catch (error) {
        throw failure ?? error;
      }
      if (failure !== undefined) throw failure;
    });
  }

  #ask({ statement, parameters = [] }: StatementBody): Command {
    return this.#client.execute({
      sql: statement,
      values: parameters.map(toMysql),
      rowsAsArray: true,
    });
  }

  #describe({ statement }: StatementBody): Promise<DatabaseOutcome> {
    return new Promise((resolve, reject) => {
      this.#client.prepare({ sql: statement }, (error: unknown, found: FoundStatement) => {
        if (error) return reject(error);
        const description = descriptionOf(found);
        this.#client.unprepare({ sql: statement });
        resolve({ kind: "description", description });
      });
    });
  }

  /** In the transaction that the session asks for. */
  async #within(body: StatementBody, timeoutMs: number, work: () => Promise<void>): Promise<void> {
    const { readOnly = false, isolation } = body.session ?? {};
    await this.#limit(timeoutMs);
    if (!readOnly && isolation === undefined) return await work();
    await this.#open(isolation, readOnly);
    try {
      await work();
    } catch (error) {
      await this.#end("rollback");
      throw error;
    }
    if (!readOnly) return await this.#end("commit");
    // There is nothing to lose, and the package sends the next statement after it.
    void this.#end("rollback");
  }

  async #open(isolation: string | undefined, readOnly: boolean): Promise<void> {
    try {
      if (isolation !== undefined) await this.#say(`set transaction isolation level ${isolation}`);
      await this.#say(`start transaction${readOnly ? " read only" : ""}`);
    } catch (error) {
      // What holds for the next transaction would be another call's.
      this.#usable = false;
      throw error;
    }
  }

  async #end(how: "commit" | "rollback"): Promise<void> {
    // The server ends the transactions of connections that it has lost.
    if (this.#closed) return;
    try {
      await this.#say(how);
    } catch (error) {
      this.#usable = false;
      if (how === "commit") throw error;
    }
  }

  /** One that is there already and not too far off stays. MySQL's holds for what reads; writes are ended by the engine. */
  async #limit(timeoutMs: number): Promise<void> {
    if (this.#limitMs >= timeoutMs && this.#limitMs <= 2 * timeoutMs) return;
    this.#limitMs = Math.ceil(timeoutMs * 1.25);
    await this.#say(
      this.#isMariadb
        ? `set session max_statement_time = ${this.#limitMs / 1_000}`
        : `set session max_execution_time = ${Math.min(this.#limitMs, 4_294_967_295)}`,
    );
  }

  /** One of our own. */
  async #say(text: string): Promise<void> {
    await ended(this.#client.query({ sql: text }), {});
  }
}

interface Listener {
  fields?(columns: readonly FoundColumn[]): void;
  row?(row: Row): void;
  done?(done: Done): void;
}

function ended(command: Command, { fields, row, done }: Listener): Promise<void> {
  return new Promise((resolve, reject) => {
    let rows = false;
    command.on("fields", (columns) => {
      rows = columns !== undefined;
      if (columns !== undefined) fields?.(columns);
    });
    command.on("result", (result) => {
      if (rows) row?.(result as Row);
      else done?.(result as Done);
    });
    command.on("error", reject);
    command.on("end", resolve);
  });
}

/** Nothing was done with it; prepared again, it passes. */
function planChanged(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Transient,
    code: "database.plan_changed",
    message: "what the statement gives has changed since it was prepared",
    origin: "upstream",
    sent: "no",
  });
}
