/** One limit of an API, as a response states it. */
export interface Sighting {
  /** Tells the limits of one API apart: `x-ratelimit requests`, `x-ratelimit tokens`. */
  readonly name: string;
  /** Whether it counts calls; else something that calls use up, tokens for example. */
  readonly countsCalls: boolean;
  readonly limit?: number;
  readonly remaining: number;
  /** Until the limit is whole again. */
  readonly resetMs: number;
  readonly windowMs?: number;
}
