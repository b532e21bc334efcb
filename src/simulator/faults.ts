/** Faults on request: what goes wrong, how a header describes it, and which request gets which. */
import { invalidRequest } from "../core/errors.ts";

/**
 * How an answer breaks:
 * - `reset`: the connection is closed in the middle, without the end of the body;
 * - `stall`: nothing more is sent until the client disconnects;
 * - `malformed`: a piece that is not JSON;
 * - `truncate`: the body ends cleanly in the middle of a piece;
 * - `no-done`: everything but the closing event (`[DONE]`, `message_stop`);
 * - `error-event`: an error object inside the stream, then its end.
 */
export type FaultKind = "reset" | "stall" | "malformed" | "truncate" | "no-done" | "error-event";

const KINDS: readonly string[] = [
  "reset",
  "stall",
  "malformed",
  "truncate",
  "no-done",
  "error-event",
] satisfies FaultKind[];

export interface Fault {
  /** Answer with this status and an error body instead. 2xx means: no fault for this request. */
  readonly status?: number;
  /** Verbatim `retry-after`: seconds, an HTTP date, or nonsense. */
  readonly retryAfter?: string;
  /** Error code in the body of a status fault; `insufficient_quota` for instance. */
  readonly code?: string;
  readonly kind?: FaultKind;
  /** Pieces sent before `kind` strikes. Default: 2. */
  readonly after?: number;
  /** Milliseconds before the response head. */
  readonly delayMs?: number;
  /** Milliseconds before each streamed piece; overrides the option. */
  readonly chunkDelayMs?: number;
}

/** The request as fault functions see it. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  /** 1 for the first request to the simulator. */
  readonly number: number;
  readonly headers: Headers;
}

export type FaultSource = (subject: FaultSubject) => Fault | undefined;

/**
 * Parses `status=503;retry-after=1` or `kind=reset;after=3`; `none` is not a fault. Throws `simulator.fault` naming the part that
 * it cannot read.
 */
export function parseFault(text: string): Fault {
  const fault: { -readonly [K in keyof Fault]: Fault[K] } = {};
  for (const part of text.split(";").map((piece) => piece.trim())) {
    if (part === "" || part === "none") continue;
    const [name = "", value = ""] = part.split(/=(.*)/s).map((side) => side.trim());
    if (name === "status") fault.status = whole(part, value, 200, 599);
    else if (name === "retry-after") fault.retryAfter = value;
    else if (name === "code") fault.code = value;
    else if (name === "after") fault.after = whole(part, value, 0, 1e6);
    else if (name === "delay") fault.delayMs = whole(part, value, 0, 3.6e6);
    else if (name === "chunk-delay") fault.chunkDelayMs = whole(part, value, 0, 3.6e6);
    else if (name === "kind" && isKind(value)) fault.kind = value;
    else {
      throw invalidRequest(
        "simulator.fault",
        `Cannot read fault part "${part}": use status=503, retry-after=1, code=…, kind=${
          KINDS.join("|")
        }, ` +
          "after=2, delay=100, chunk-delay=50 or none, joined by semicolons.",
      );
    }
  }
  return fault;
}

/** Several faults for consecutive requests, separated by ` | `. */
export function parseFaults(text: string): Fault[] {
  return text.split("|").map(parseFault);
}

function isKind(value: string): value is FaultKind {
  return KINDS.includes(value);
}

function whole(part: string, value: string, least: number, most: number): number {
  const number = value === "" ? NaN : Number(value);
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw invalidRequest(
    "simulator.fault",
    `Fault part "${part}" needs a whole number from ${least} to ${most}.`,
  );
}

/**
 * Decides the fault of each request. `x-simulator-fault` wins; with several steps in it, `x-simulator-key` names the sequence
 * so that the n-th request of a key gets the n-th step and later ones none.
 */
export function createFaultPlan(
  faults: readonly Fault[] | FaultSource,
  obeyHeader: boolean,
): (subject: FaultSubject) => Fault | undefined {
  const sequences = new Map<string, number>();
  let given = 0;
  return (subject) => {
    const header = obeyHeader ? subject.headers.get("x-simulator-fault") : null;
    if (header !== null) {
      const steps = parseFaults(header);
      const key = subject.headers.get("x-simulator-key");
      if (key === null) return steps[0];
      const at = sequences.get(key) ?? 0;
      // Keys come from callers: without a limit a long-running simulator would keep growing.
      if (sequences.size >= 10_000 && at === 0) sequences.clear();
      sequences.set(key, at + 1);
      return steps[at];
    }
    return typeof faults === "function" ? faults(subject) : faults[given++];
  };
}
