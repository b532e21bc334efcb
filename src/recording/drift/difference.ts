/** How an API and its spec may differ, as far as answers show it. */
import type { Json } from "../../core/json.ts";

export type DriftKind =
  /** No operation has this path. */
  | "path-unknown"
  /** The path is known, with other methods. */
  | "method-unknown"
  /** The API has moved for good. */
  | "path-moved"
  /** `Deprecation` or `Sunset` in an answer. */
  | "operation-deprecated"
  | "status-undeclared"
  | "content-type-changed"
  /** Not the JSON that was declared. */
  | "body-unreadable"
  | "body-empty"
  /** A stream without its declared end. */
  | "stream-unended"
  | "field-new"
  /** Required, and not there. */
  | "field-missing"
  | "type-changed"
  | "null-new"
  | "enum-new"
  /** None of the types of a union. */
  | "variant-new"
  /** A length, range, pattern or multiple that does not hold. */
  | "limit-exceeded";

/** A change to the spec: what stands at `path` in the overlay. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: Json;
}

export interface Difference {
  readonly kind: DriftKind;
  /** `GET /path` where there is no operation. */
  readonly operation: string;
  /** `Customer.email`, `charges.create result[].amount`, `status`, `content-type`. */
  readonly place: string;
  readonly declared: string;
  readonly found: string;
  /** What the spec would have to say; absent where that takes a decision. */
  readonly edit?: Edit;
}

export type Report = (difference: Omit<Difference, "operation">) => void;
