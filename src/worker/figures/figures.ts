/** What `GET /figures` answers: counted since the worker started, so that whoever asks again sees what happened in between. */

export interface Figures {
  /** Calls to this worker; those of the caller's tenant, or all for a caller without one. */
  readonly calls: Counted;
  /** Time to the head of the answer. */
  readonly latency: Latency;
  /** The busiest ones, for a caller without a tenant. */
  readonly tenants?: readonly ({ readonly tenant: string } & Counted)[];
  /** For a caller without a tenant: what the runtime says of itself. */
  readonly runtime?: {
    readonly healthy: boolean;
    readonly message: string;
    /** Calls in progress, streams included. */
    readonly active: number;
    /** Calls that it would take besides. */
    readonly credits: number;
  };
  /** Where the engine is in this process. */
  readonly engine?: EngineView;
}

export interface Counted {
  readonly total: number;
  /** Answered with 400 or above. */
  readonly failed: number;
}

/** A histogram. */
export interface Latency {
  /** The upper bound of each class, in milliseconds. What takes longer counts in the last one. */
  readonly upToMs: readonly number[];
  readonly counts: readonly number[];
}

export interface EngineView {
  readonly breakers: {
    /** Of all tenants, for a caller without one. */
    readonly closed?: number;
    readonly others: readonly {
      readonly origin: string;
      readonly state: string;
      readonly retryAfterMs: number;
    }[];
  };
  /** For a caller without a tenant: what waits for limits and places, and what they refused. */
  readonly limits?: readonly {
    readonly limit: string;
    readonly queued: number;
    readonly refused: number;
  }[];
  /** Quotas of the caller's tenant, or of those that called first. */
  readonly quotas: readonly {
    readonly tenant: string;
    readonly period: string;
    readonly what: string;
    readonly limit: number;
    readonly used: number;
  }[];
}
