/** Statements on one connection, with the sessions around them. What belongs together is sent together: the way is the time. */
import type { StatementBody } from "../../../../core/database/body.ts";
import type { FoundColumn, FoundStatement, Query, Result, Row, Sql } from "./package.ts";
import { closing, opening, ROLLBACK, settings } from "./session.ts";
import { FIRST_OWN } from "./types.ts";
import { rowEncoder } from "./values.ts";

type Encoder = (row: Row) => string;

/** Without parameters, the package would let a text have several statements, of which one could end the session. */
const ONE_STATEMENT = { prepare: true, simple: false };
/** It is prepared for its plan only. */
const PLANNED = "vastar_planned";
const OWN_TYPES = "select oid, case when typcategory = 'A' then typelem else 0 end " +
  `from pg_catalog.pg_type where oid >= ${FIRST_OWN}`;

export class PostgresStatements {
  readonly #sql: Sql;
  /** Types of users, and the type of the elements of those that are lists. */
  readonly #types = new Map<number, number>();
  /** Those that the server has prepared, or is about to. */
  readonly #known = new Set<string>();
  /** Made once for a statement, since it is prepared once. */
  readonly #encoders = new WeakMap<FoundStatement, { first: boolean; encode: Encoder }>();
  /** The server's limit for statements without a session of their own, ms. */
  #limitMs = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** How many the server keeps for us. */
  get count(): number {
    return this.#known.size;
  }

  /** Undefined: there is nothing to begin. */
  begin({ session }: StatementBody, timeoutMs: number): PromiseLike<unknown> | undefined {
    const begin = opening(session);
    if (begin === undefined) return this.#limit(timeoutMs);
    const { text, values } = settings(session, timeoutMs);
    this.#known.add(text);
    // Sent in the order in which they are executed; to wait for one of them sends it a moment later.
    return Promise.all([
      this.#sql.unsafe(begin).execute(),
      this.#sql.unsafe(text, values, ONE_STATEMENT).execute(),
    ]);
  }

  /**
   * Sent at the first time, so that the types of users in its answer are known; within the session, whose search path decides
   * what its names mean.
   */
  learn(body: StatementBody): Promise<void> | undefined {
    if (this.#known.has(body.statement)) return undefined;
    this.#known.add(body.statement);
    return this.#learn(body);
  }

  query({ statement, parameters = [] }: StatementBody): Query {
    return this.#prepared(statement, parameters).values();
  }

  async describe({ statement }: StatementBody): Promise<FoundStatement> {
    return await this.#sql.unsafe(statement).describe();
  }

  /** Within a transaction that is rolled back. What has parameters must be prepared for a plan that is right for all of them. */
  async plan({ statement }: StatementBody, parameters: number): Promise<unknown> {
    const once = (text: string): Query =>
      this.#sql.unsafe(text, [], { prepare: false, simple: false });
    const values = parameters === 0 ? "" : `(${Array(parameters).fill("null").join(", ")})`;
    await once("select pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)");
    await once(`prepare ${PLANNED} as ${statement}`);
    const [row] = await once(
      `explain (verbose, costs off, format json) execute ${PLANNED}${values}`,
    ).values();
    await once(`deallocate ${PLANNED}`);
    return JSON.parse(String(row?.[0]));
  }

  /** The server prepares it anew: what it gives may have changed. */
  forget({ statement }: StatementBody): void {
    this.#known.delete(statement);
  }

  /** Undefined while a type in the answer is not known: {@link readTypes}. @throws ConnectorError `database.same_name`. */
  encoder({ result, as }: StatementBody, statement: FoundStatement | null): Encoder | undefined {
    const first = result === "value";
    const made = statement === null ? undefined : this.#encoders.get(statement);
    if (as === undefined && made?.first === first) return made.encode;
    if (statement?.columns?.some((column) => this.#isNew(column))) return undefined;
    const encode = rowEncoder(statement?.columns ?? [], this.#types, as ?? {}, first);
    if (as === undefined && statement !== null) this.#encoders.set(statement, { first, encode });
    return encode;
  }

  /** Undefined: there is nothing to end. */
  end({ session }: StatementBody, failed: boolean): Query | undefined {
    const end = closing(session, failed);
    if (end === undefined) return undefined;
    // It resets the limit, too.
    if (end !== ROLLBACK) this.#limitMs = 0;
    return this.#sql.unsafe(end).execute();
  }

  async readTypes(): Promise<Result> {
    const found = await this.#sql.unsafe(OWN_TYPES).values();
    for (const [type, element] of found) this.#types.set(Number(type), Number(element));
    return found;
  }

  #prepared(statement: string, parameters: readonly unknown[]): Query {
    // Type 0: the server says which it is.
    const typed = parameters.map((value) => this.#sql.typed(value, 0));
    return this.#sql.unsafe(statement, typed, ONE_STATEMENT);
  }

  async #learn({ statement, parameters = [] }: StatementBody): Promise<void> {
    try {
      const { columns } = await this.#prepared(statement, parameters).describe();
      if (columns?.some((column) => this.#isNew(column))) await this.readTypes();
    } catch (error) {
      this.#known.delete(statement);
      throw error;
    }
  }

  #isNew({ type }: FoundColumn): boolean {
    return type >= FIRST_OWN && !this.#types.has(type);
  }

  /** One that is there already and not too far off stays. */
  #limit(timeoutMs: number): PromiseLike<unknown> | undefined {
    if (this.#limitMs >= timeoutMs && this.#limitMs <= 2 * timeoutMs) return undefined;
    this.#limitMs = Math.ceil(timeoutMs * 1.25);
    return this.#sql.unsafe(`set statement_timeout = ${this.#limitMs}`).execute();
  }
}
