/** Who watches the answers of a call, beside the program that made it. */
import type { SelectorPath } from "../../sse/mod.ts";

export interface Observed {
  /** To be sent instead of the caller's. */
  readonly traceparent: string | undefined;
  /** The value of a whole answer, or an item of a stream. */
  see(value: unknown): void;
  /** Once, with the error where there is one. */
  end(error?: unknown): void;
}

/** Undefined: nobody watches. */
export type Observer = (
  connector: string,
  operation: string,
  input: { readonly [name: string]: unknown },
  options: { readonly traceparent?: string | undefined },
) => Promise<Observed | undefined> | undefined;

export interface UsagePaths {
  readonly input?: SelectorPath;
  readonly output?: SelectorPath;
  readonly total?: SelectorPath;
  readonly cached?: SelectorPath;
}

export interface UsageObserver extends Observer {
  readonly paths: UsagePaths;
}
