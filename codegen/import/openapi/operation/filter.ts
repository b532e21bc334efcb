/** Which operations are imported. */

export interface OperationFilter {
  /**
   * Each of `tag:NAME`, `path:/GLOB` (or just `/GLOB`; `*` is one segment, `**` any number), or an operation id with `*`.
   * Default: everything.
   */
  readonly include?: readonly string[];
  /** Wins over `include`. */
  readonly exclude?: readonly string[];
}

export interface Candidate {
  /** `operationId`, where there is one. */
  readonly operationId: string | undefined;
  /** Id in the spec. */
  readonly id: string;
  readonly path: string;
  readonly tags: readonly string[];
}

export function isWanted(candidate: Candidate, filter: OperationFilter): boolean {
  const { include = [], exclude = [] } = filter;
  if (exclude.some((pattern) => matchesFilter(candidate, pattern))) return false;
  return include.length === 0 || include.some((pattern) => matchesFilter(candidate, pattern));
}

function matchesFilter(candidate: Candidate, pattern: string): boolean {
  if (pattern.startsWith("tag:")) {
    return candidate.tags.some((tag) => glob(pattern.slice(4)).test(tag));
  }
  if (pattern.startsWith("path:") || pattern.startsWith("/")) {
    return pathGlob(pattern.replace(/^path:/, "")).test(candidate.path);
  }
  const id = glob(pattern.replace(/^operation:/, ""));
  return id.test(candidate.id) ||
    (candidate.operationId !== undefined && id.test(candidate.operationId));
}

function escape(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}

function glob(pattern: string): RegExp {
  return new RegExp(`^${escape(pattern).replaceAll("*", ".*")}$`, "i");
}

function pathGlob(pattern: string): RegExp {
  const source = escape(pattern).replaceAll("**", "\u0000").replaceAll("*", "[^/]*").replaceAll(
    "\u0000",
    ".*",
  );
  return new RegExp(`^${source}$`);
}
