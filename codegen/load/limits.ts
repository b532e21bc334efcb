/** Limits on reading a spec. Exceeding one is a diagnostic, never a hang. */
export interface LoadLimits {
  /** Bytes of one file. Default: 64 MiB. */
  readonly maxBytes: number;
  /**
   * Characters of a YAML file that only the full parser can read, as it has tags, very many aliases or mistakes. It
   * takes half a second for a million. Default: 4 Mi.
   */
  readonly maxFreeFormLength: number;
  /** Nesting of mappings and lists. Default: 200. */
  readonly maxDepth: number;
  /** Nodes after expanding aliases, for files that use them. Default: 100,000. */
  readonly maxAliasNodes: number;
  /** Files one spec may read. Default: 200. */
  readonly maxFiles: number;
}

export const DEFAULT_LIMITS: LoadLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxFreeFormLength: 4 * 1024 * 1024,
  maxDepth: 200,
  maxAliasNodes: 100_000,
  maxFiles: 200,
};
