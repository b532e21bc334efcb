/** The rows of a statement in steps: each is asked of the server when its reader wants it. */
import type { DatabaseCursor } from "../../../../core/database/driver.ts";
import { deferred } from "../../../../core/deferred.ts";
import type { FoundStatement, Query, Row } from "./package.ts";

export interface CursorDeps {
  begin(): Promise<void>;
  query(): Query;
  encoder(statement: FoundStatement | null): (row: Row) => string;
  end(failed: boolean): Promise<void>;
  /** Rejects when the connection is lost, and makes errors what callers get. */
  use<T>(step: () => Promise<T>): Promise<T>;
  /** Ends what the server is doing. */
  stop(): void;
  /** Gives the connection up if the server does not answer for long; returns how to take that back. */
  hurry(): () => void;
  readonly CLOSE: unknown;
}

const FIRST_ROWS = 64;
const MOST_ROWS = 2_000;
/** Of JSON: as much as a reader takes at once. */
const STEP_BYTES = 64 * 1024;

export function openCursor(deps: CursorDeps): DatabaseCursor {
  let finished: Promise<void> | undefined;
  let over = false;
  let query: Query | undefined;
  let encode: ((row: Row) => string) | undefined;
  /** Hands rows to whoever waits for them. */
  let give: ((rows: readonly string[]) => void) | undefined;
  /** Lets the server go on; it stands still meanwhile. */
  let go: ((answer: unknown) => void) | undefined;
  let failure: unknown;

  function some(rows: readonly Row[]): Promise<unknown> {
    const { promise, resolve } = deferred<unknown>();
    try {
      encode ??= deps.encoder(query?.statement ?? null);
      const lines = rows.map(encode);
      adapt(lines);
      go = resolve;
      give?.(lines);
    } catch (error) {
      failure = error;
      resolve(deps.CLOSE);
    }
    return promise;
  }

  function adapt(lines: readonly string[]): void {
    if (query === undefined || lines.length === 0) return;
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    const fitting = Math.floor(STEP_BYTES * lines.length / Math.max(1, bytes));
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

  async function next(): Promise<readonly string[] | undefined> {
    const { promise, resolve } = deferred<readonly string[]>();
    give = resolve;
    if (finished === undefined) {
      finished = work();
      finished.catch(() => {});
    } else {
      const resume = go;
      go = undefined;
      resume?.(undefined);
    }
    const rows = await Promise.race([promise, finished]);
    give = undefined;
    if (rows === undefined) over = true;
    return rows ?? undefined;
  }

  async function close(): Promise<void> {
    if (over || finished === undefined) return;
    over = true;
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
