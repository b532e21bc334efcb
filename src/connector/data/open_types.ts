/**
 * Stands for a value that the API may send but the spec does not know. Text that begins with NUL cannot be mistaken for a
 * known literal, which is what lets the compiler tell the known members of a union apart; `string & …` does not.
 */
export type Unrecognized = `\u0000${string}`;
