/** In a file of its own, so that a daemon without a configuration file does not load YAML. */

/** Shorter tokens can be guessed. */
export const MIN_TOKEN_LENGTH = 16;
