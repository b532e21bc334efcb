/**
 * Stands for a value that the API may send and the spec does not know. A text that begins with NUL cannot be mistaken for a
 * known literal, which is what lets the compiler tell the known members of a union apart; `string & …` does not.
 */
export type Unrecognized = `\u0000${string}`;
