export interface Shape {
  /** For messages: "an operation". */
  readonly what: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** Keys starting with `x-` are ignored. */
  readonly extensible?: boolean;
}
