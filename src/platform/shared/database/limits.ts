/** Bytes of the rows of a whole answer. */
export const MOST_BYTES: number = 64 * 1024 * 1024;
