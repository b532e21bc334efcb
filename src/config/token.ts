/** Apart from the rest, so that a daemon without a configuration file does not load YAML. */

/** Fewer characters can be guessed. */
export const MIN_TOKEN_LENGTH = 16;
