/** The rows of a statement in steps: each is asked of the server when its reader wants it. */
import type { DatabaseCursor } from "../../../../core/database/driver.ts";
import { type Deferred, deferred } from "../../../../core/deferred.ts";
import type { FoundStatement, Query, Row } from "./package.ts";

export interface CursorDeps {
  begin(): Promise<void>;
  query(): Query;
  encoder(statement: FoundStatement | null): (row: Row) => string;
  end(failed: boolean): Promise<void>;
  /** Rejects when the connection is lost, and makes errors what callers get. */
  use<T>(step: () => Promise<T>): Promise<T>;
  /** Whether the connection is lost: to go on then would end the process, since the package writes to a socket that it no longer has. */
  lost(): boolean;
  /** Ends what the server is doing. */
  stop(): void;
  /** Gives the connection up if the server does not answer for long; returns how to take that back. */
  hurry(): () => void;
  readonly CLOSE: unknown;
}

const FIRST_ROWS = 64;
const MOST_ROWS = 20_000;
/** Bytes of JSON in a step: few, since all of a step is in memory … */
const STEP_BYTES = 16 * 1024;
/** … and so many times that where the way to the server takes a multiple of this, ms. */
const WAY_MS = 1;
const MOST_TIMES = 16;

export function openCursor(deps: CursorDeps): DatabaseCursor {
  let finished: Promise<void> | undefined;
  let over = false;
  let query: Query | undefined;
  let encode: ((row: Row) => string) | undefined;
  /** Whoever waits for rows. Not a race of promises: each would be kept, with its rows, until the last. */
  let waiting: Deferred<readonly string[] | undefined> | undefined;
  /** Lets the server go on; it stands still meanwhile. */
  let go: ((answer: unknown) => void) | undefined;
  /** From the second step on: the first has more to do. */
  let askedAt: number | undefined;
  let shortest = Infinity;
  let failure: unknown;
  /** Why it ended while nobody waited; the next who asks must hear of it. */
  let unheard: unknown;

  function some(rows: readonly Row[]): Promise<unknown> {
    const { promise, resolve } = deferred<unknown>();
    try {
      encode ??= deps.encoder(query?.statement ?? null);
      const lines = rows.map(encode);
      adapt(lines);
      go = resolve;
      waiting?.resolve(lines);
      waiting = undefined;
    } catch (error) {
      failure = error;
      resolve(deps.CLOSE);
    }
    return promise;
  }

  function adapt(lines: readonly string[]): void {
    if (query === undefined || lines.length === 0) return;
    // The shortest of all says most: the others are those of a busy machine.
    if (askedAt !== undefined) shortest = Math.min(shortest, performance.now() - askedAt);
    const times = Math.floor(shortest / WAY_MS);
    const step = STEP_BYTES *
      (Number.isFinite(times) ? Math.min(MOST_TIMES, Math.max(1, times)) : 1);
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    const fitting = Math.floor(step * lines.length / Math.max(1, bytes));
    query.cursorRows = Math.min(MOST_ROWS, Math.max(1, fitting));
  }

  async function work(): Promise<void> {
    let error: unknown;
    try {
      await deps.begin();
      query = deps.query();
      await query.cursor(FIRST_ROWS, some).execute();
    } catch (thrown) {
      error = thrown;
    }
    error = failure ?? error;
    await deps.end(error !== undefined);
    if (error !== undefined) throw error;
  }

  function next(): Promise<readonly string[] | undefined> {
    if (unheard !== undefined) return Promise.reject(unheard);
    if (over) return Promise.resolve(undefined);
    const asked = deferred<readonly string[] | undefined>();
    waiting = asked;
    if (finished === undefined) {
      finished = work();
      finished.then(() => ended(undefined), ended);
    } else {
      const resume = go;
      go = undefined;
      askedAt = performance.now();
      resume?.(undefined);
    }
    return asked.promise;
  }

  function ended(error: unknown): void {
    over = true;
    if (waiting === undefined) unheard = error;
    else if (error === undefined) waiting.resolve(undefined);
    else waiting.reject(error);
    waiting = undefined;
  }

  async function close(): Promise<void> {
    if (over || finished === undefined) return;
    over = true;
    if (deps.lost()) return;
    const relax = deps.hurry();
    const standing = go;
    go = undefined;
    if (standing === undefined) deps.stop();
    else standing(deps.CLOSE);
    try {
      await deps.use(() => finished as Promise<void>);
    } catch {
      // It was to end, and it has.
    } finally {
      relax();
    }
  }

  return { next: () => deps.use(next), close };
}
