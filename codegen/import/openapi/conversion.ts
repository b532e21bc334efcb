/** The state that converters share. */
import type { Losses } from "./loss.ts";
import type { Refs } from "./refs.ts";
import type { Out } from "./schema/out.ts";

export interface Conversion {
  readonly refs: Refs;
  readonly losses: Losses;
  /** Converts a schema inline; types that it refers to are converted later, once. */
  readonly schema: (schema: unknown, where: string, bytes?: boolean) => Out;
  readonly security: SecurityNames;
}

/** Auth by security scheme name, as the spec writes it. */
export interface SecurityNames {
  /** Undefined for a scheme without a counterpart. */
  auth(scheme: string, scopes: readonly string[]): Record<string, unknown> | undefined;
}
