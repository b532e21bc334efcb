import type { Key } from "../../load/source.ts";
import type { Schema } from "../../model/schema.ts";

export interface Misfit {
  readonly path: readonly Key[];
  readonly message: string;
  readonly help: string;
  /** Blame the key, not the value. */
  readonly key?: boolean;
}

export interface ValueOptions {
  /** `request`: readOnly properties need not be there; `response`: writeOnly ones need not, and enums are open. */
  readonly direction: "request" | "response";
}

/** What the checks of one kind of value need of the check of all. */
export interface ValueTest {
  readonly options: ValueOptions;
  add(path: readonly Key[], message: string, help: string, key?: boolean): void;
  check(schema: Schema, value: unknown, path: Key[], depth?: number): void;
}
