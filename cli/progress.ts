/** A status line on a terminal, removed once there is something better to see. */
import type { CommandIo } from "./command.ts";

/** Faster work needs no status line. */
const SHOW_AFTER_MS = 300;
const REDRAW_MS = 100;
const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

export interface Progress {
  /** Removes the line for good. */
  clear(): void;
}

/** Does nothing without a terminal. */
export function startProgress(io: CommandIo, what: string): Progress {
  if (!io.interactive) return { clear() {} };
  const start = performance.now();
  let frame = 0;
  let shown = false;
  const timer = setInterval(() => {
    const elapsed = performance.now() - start;
    if (elapsed < SHOW_AFTER_MS) return;
    shown = true;
    io.stderr(
      `\r\x1b[K${FRAMES[frame++ % FRAMES.length]} ${what} ${(elapsed / 1000).toFixed(1)} s`,
    );
  }, REDRAW_MS);
  return {
    clear() {
      clearInterval(timer);
      if (shown) io.stderr("\r\x1b[K");
      shown = false;
    },
  };
}

export interface Steps extends Progress {
  /** Shows what comes next. */
  say(what: string): void;
}

/** For work that leaves no time to redraw a line: each step says itself what it is. */
export function startSteps(io: CommandIo, now = (): number => performance.now()): Steps {
  if (!io.interactive) return { say() {}, clear() {} };
  const start = now();
  let last = -Infinity;
  let shown = false;
  return {
    say(what) {
      const time = now();
      if (time - last < REDRAW_MS) return;
      last = time;
      shown = true;
      io.stderr(`\r\x1b[K${what} ${((time - start) / 1000).toFixed(1)} s`);
    },
    clear() {
      if (shown) io.stderr("\r\x1b[K");
      shown = false;
    },
  };
}
