/** The rows of a statement as its reader wants them: while nobody does, nothing is read from the socket. */
import type { DatabaseCursor } from "../../../../core/database/driver.ts";
import { type Deferred, deferred } from "../../../../core/deferred.ts";

export interface CursorDeps {
  /** Runs the statement; `line` gets each row. Rejects when it fails. */
  run(line: (json: string) => void): Promise<void>;
  pause(): void;
  resume(): void;
  /** Rejects when the connection is lost, and makes errors what callers get. */
  use<T>(step: () => Promise<T>): Promise<T>;
  lost(): boolean;
  /** Ends what the server is doing. */
  stop(): void;
}

const STEP_CHARACTERS = 64 * 1024;

export function openCursor(deps: CursorDeps): DatabaseCursor {
  let finished: Promise<void> | undefined;
  let ended = false;
  let closing = false;
  let paused = false;
  let lines: string[] = [];
  let characters = 0;
  let waiting: Deferred<readonly string[] | undefined> | undefined;
  let telling = false;
  let failure: unknown;

  function line(json: string): void {
    if (closing) return;
    lines.push(json);
    characters += json.length;
    if (characters >= STEP_CHARACTERS && !paused) {
      paused = true;
      deps.pause();
    }
    if (waiting === undefined || telling) return;
    // With the others that have come with it.
    telling = true;
    queueMicrotask(() => {
      telling = false;
      tell();
    });
  }

  function tell(): void {
    if (waiting === undefined) return;
    const asked = waiting;
    if (lines.length > 0) {
      waiting = undefined;
      const some = lines;
      lines = [];
      characters = 0;
      return asked.resolve(some);
    }
    if (!ended) return;
    waiting = undefined;
    const error = failure;
    failure = undefined;
    if (error === undefined) asked.resolve(undefined);
    else asked.reject(error);
  }

  function go(): void {
    if (!paused) return;
    paused = false;
    deps.resume();
  }

  function over(error?: unknown): void {
    ended = true;
    failure = error;
    tell();
  }

  function next(): Promise<readonly string[] | undefined> {
    const asked = deferred<readonly string[] | undefined>();
    waiting = asked;
    if (finished === undefined) {
      finished = deps.run(line);
      finished.then(() => over(), over);
    } else if (lines.length > 0 || ended) tell();
    else go();
    return asked.promise;
  }

  async function close(): Promise<void> {
    if (finished === undefined || closing) return;
    closing = true;
    lines = [];
    if (ended || deps.lost()) return;
    deps.stop();
    go();
    try {
      await deps.use(() => finished as Promise<void>);
    } catch {
      // It was to end, and it has.
    }
  }

  return { next: () => deps.use(next), close };
}
