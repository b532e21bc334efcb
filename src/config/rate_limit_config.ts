/** One rate limit in the configuration. */

export interface RateLimitConfig {
  readonly name?: string;
  readonly tenant?: string;
  readonly connector?: string;
  readonly host?: string;
  readonly calls?: number;
  readonly cost?: number;
  readonly per: number;
  readonly burst?: number;
  readonly guess?: number;
  readonly costFrom?: string;
  readonly maxWait?: number;
  readonly maxQueued?: number;
  readonly shadow?: boolean;
}
