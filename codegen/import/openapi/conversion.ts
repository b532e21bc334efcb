/** What the converters of the parts of a document share. */
import type { Losses } from "./loss.ts";
import type { Refs } from "./refs.ts";
import type { Out } from "./schema/out.ts";

export interface Conversion {
  readonly refs: Refs;
  readonly losses: Losses;
  /** Converts a schema where it stands; types that it refers to are converted later, once. */
  readonly schema: (schema: unknown, where: string, bytes?: boolean) => Out;
  readonly security: SecurityNames;
}

/** Auth by name of the security scheme, in the form of the spec. */
export interface SecurityNames {
  /** Undefined for a scheme that has no counterpart. */
  auth(scheme: string, scopes: readonly string[]): Record<string, unknown> | undefined;
}
