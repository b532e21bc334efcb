/** One limit of an API, as a response reports it. */
export interface Sighting {
  /** Identifies a limit of the API: `x-ratelimit requests`, `x-ratelimit tokens`. */
  readonly name: string;
  /** Whether it counts calls; else something that calls use up, tokens for example. */
  readonly countsCalls: boolean;
  readonly limit?: number;
  readonly remaining: number;
  /** Milliseconds until the limit is full again. */
  readonly resetMs: number;
  readonly windowMs?: number;
}
