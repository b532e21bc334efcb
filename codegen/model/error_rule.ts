import type { Position } from "./position.ts";
import type { Schema } from "./schema.ts";
import type { Condition, Selector } from "./selector.ts";

/** The first rule that matches a response names the error class. An empty list of conditions or statuses matches all. */
export interface ErrorRule {
  /** Inclusive ranges. A rule without status only matches 4xx and 5xx. */
  readonly status: readonly { readonly from: number; readonly to: number }[];
  /** On the parsed body. */
  readonly body: readonly Condition[];
  readonly headers: readonly { readonly name: string; readonly oneOf: readonly string[] }[];
  /** As in the spec: `RateLimit`. Shared by several rules when named twice. */
  readonly class: string;
  /** Name of the TypeScript class: `RateLimitError`. Unique. */
  readonly className: string;
  /** `default`: as the engine classifies the status. `never`: Permanent. `idempotent`, `always`: Transient. */
  readonly retry: "default" | "never" | "idempotent" | "always";
  /** Replaces the connector's. */
  readonly message?: Selector;
  /** Parsed error body. Absent: unknown. */
  readonly schema?: Schema;
  readonly doc?: string;
  readonly at: Position;
}

export interface ErrorsModel {
  /** Human message in an error body. */
  readonly message?: Selector;
  /** The API's own error code in the body. */
  readonly code?: Selector;
  /** Response header with the API's request id. */
  readonly requestId?: string;
  /** Error body if no rule has one. */
  readonly schema?: Schema;
  readonly rules: readonly ErrorRule[];
}
