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
  /** `request`: readOnly properties may be missing; `response`: writeOnly ones may be, and enums are open. */
  readonly direction: "request" | "response";
}

/** What checks of one kind of value need from the general check. */
export interface ValueTest {
  readonly options: ValueOptions;
  add(path: readonly Key[], message: string, help: string, key?: boolean): void;
  check(schema: Schema, value: unknown, path: Key[], depth?: number): void;
}
