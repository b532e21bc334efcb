/** Sends prepared pieces at their pace, breaks where a fault says so, and notices disconnects. */
import type { Clock } from "../core/clock.ts";
import type { Fault } from "./faults.ts";

/** How a body ends after its last piece. */
type Ending = "close" | "reset" | "stall";

export interface Pace {
  readonly clock: Clock;
  readonly firstDelayMs: number;
  readonly delayMs: number;
}

const FLUSH_MS = 5;

/** Called once per body: `completed`, `cancelled` by the client, or `broken` by a fault. */
export type BodyEnd = "completed" | "cancelled" | "broken";

export interface Pieces {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly ending: Ending;
}

/** Applies a fault to the pieces of a body. `errorPiece` is inserted by `error-event`. */
export function breakPieces(
  pieces: readonly (string | Uint8Array)[],
  fault: Fault | undefined,
  errorPiece: string,
): Pieces {
  const at = Math.min(fault?.after ?? 2, Math.max(0, pieces.length - 1));
  const before = pieces.slice(0, at);
  const struck = pieces[at] ?? "";
  const half = struck.slice(0, Math.ceil(struck.length / 2));
  switch (fault?.kind) {
    case "reset":
      return { pieces: before, ending: "reset" };
    case "stall":
      return { pieces: before, ending: "stall" };
    case "truncate":
      return { pieces: [...before, half], ending: "close" };
    case "malformed":
      // The event stays complete, only its JSON is cut, as by a proxy that rewrites bodies.
      return {
        pieces: [
          ...before,
          typeof half === "string" ? `${half.trimEnd()}\n\n` : half,
          ...pieces.slice(at + 1),
        ],
        ending: "close",
      };
    case "no-done":
      return { pieces: pieces.slice(0, -1), ending: "close" };
    case "error-event":
      return { pieces: [...before, errorPiece], ending: "close" };
    case undefined:
      return { pieces, ending: "close" };
  }
}

/**
 * A pull-driven body: pieces are only made on demand, so a slow reader costs nothing. `onEnd` is told how it ended.
 */
export function pacedBody(
  { pieces, ending }: Pieces,
  pace: Pace,
  onEnd: (end: BodyEnd) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  let wake: (() => void) | undefined;
  let timer: unknown;
  let left = false;
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      if (ms !== Infinity) timer = pace.clock.setTimeout(resolve, ms);
    });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const delay = next === 0 ? pace.firstDelayMs : pace.delayMs;
      if (next < pieces.length) {
        if (delay > 0) await wait(delay);
        if (left) return;
        const piece = pieces[next++] ?? "";
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
        // Closing with the last piece saves a read and keeps a client that leaves then from counting as cancelled.
        if (next < pieces.length || ending !== "close") return;
        onEnd("completed");
        controller.close();
        return;
      }
      if (ending === "stall") await wait(Infinity);
      // Servers discard what they have not sent yet when a body fails; a short wait lets the pieces go out first.
      if (ending === "reset") await wait(FLUSH_MS);
      if (left) return;
      onEnd(ending === "close" ? "completed" : "broken");
      if (ending === "close") controller.close();
      else controller.error(new Error("The simulator broke this connection on request."));
    },
    cancel() {
      left = true;
      if (timer !== undefined) pace.clock.clearTimeout(timer);
      wake?.();
      onEnd("cancelled");
    },
  }, { highWaterMark: 0 });
}
