/** A program's operations and faults, both derived from a seed, so that a run can be repeated. */

export const KINDS = ["read", "stream", "keyed", "unkeyed"] as const;
export type Kind = (typeof KINDS)[number];

/** Fates of a request, in the order of how far it gets. */
export const FAULTS = [
  // The API does not get to see it.
  "reset at the head",
  "close at the head",
  "reset after the body",
  "503 instead",
  "429 instead",
  // The API acts on it.
  "reset before the answer",
  "half a head",
  "half a body",
  "garbage",
  "503 afterwards",
  "no answer",
  // It is answered, and the connection breaks with the next request.
  "stale connection",
  "none",
] as const;
export type Fault = (typeof FAULTS)[number];

export interface Plan {
  /** Nothing listens at its destination. */
  readonly refused: boolean;
  /** Of the requests that one call becomes, in order. */
  readonly faults: readonly Fault[];
  readonly bodyBytes: number;
  readonly timeoutMs: number;
  /** Sent once more beside the first by then. */
  readonly hedgeAfterMs: number | undefined;
}

/** From here on nothing fails, so that every operation ends. */
const PATIENCE = 6;
const LARGE = 100_000;

export function kindOf(operation: number): Kind {
  return KINDS[operation % KINDS.length] as Kind;
}

export function planOf(seed: number, operation: number, attempt: number): Plan {
  const random = randomFrom(seed * 7_919 + operation * 104_729 + attempt * 1_299_709);
  // The same with each attempt: with a key goes one request.
  const bodyBytes = operation % 10 === 3 || operation % 10 === 6 ? LARGE : 10;
  if (attempt >= PATIENCE || random() < 0.4) return { ...CALM, bodyBytes };
  if (random() < 0.05) return { ...CALM, bodyBytes, refused: true };
  const faults = Array.from(
    { length: 1 + Math.floor(random() * 3) },
    () => FAULTS[Math.floor(random() * FAULTS.length)] as Fault,
  );
  return {
    refused: false,
    faults,
    bodyBytes,
    timeoutMs: faults.includes("no answer") ? 50 : 30_000,
    hedgeAfterMs: random() < 0.3 ? 5 : undefined,
  };
}

const CALM: Plan = {
  refused: false,
  faults: [],
  bodyBytes: 10,
  timeoutMs: 30_000,
  hedgeAfterMs: undefined,
};

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
