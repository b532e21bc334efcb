declare const unrecognized: unique symbol;

/** A value that the API may send and the spec does not know. No literal is one, so that narrowing by a known value works. */
export type Unrecognized = string & { readonly [unrecognized]: true };
