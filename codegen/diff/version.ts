/** Semantic versions: the version that the changes require. */
import type { Change } from "./changes.ts";
import type { Level } from "./rules.ts";

export interface Verdict {
  /** The most severe level; undefined if nothing changed. */
  readonly level: Level | undefined;
  /** The lowest correct new version. The old one if nothing changed. */
  readonly proposed: string;
  /** The version in the new spec. */
  readonly found: string;
  /** True if `found` is `proposed` or later. */
  readonly enough: boolean;
}

export function judge(
  changes: readonly Change[],
  old: { readonly version: string },
  now: { readonly version: string },
): Verdict {
  const level = (["breaking", "feature", "fix"] as const).find((one) =>
    changes.some((change) => change.level === one)
  );
  const proposed = nextVersion(old.version, level);
  return {
    level,
    proposed,
    found: now.version,
    enough: compareVersions(now.version, proposed) >= 0,
  };
}

/**
 * Before 1.0.0 a breaking change raises the second number and all others the third, as package managers read `^0.2.1`.
 * A pre-release promises nothing yet: its own number goes up.
 */
export function nextVersion(version: string, level: Level | undefined): string {
  if (level === undefined) return version;
  const { core: [major, minor, patch], pre } = parse(version);
  if (pre.length > 0) {
    const last = pre.at(-1);
    const next = typeof last === "number" ? [...pre.slice(0, -1), last + 1] : [...pre, 1];
    return `${major}.${minor}.${patch}-${next.join(".")}`;
  }
  if (level === "breaking") return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
  if (level === "feature" && major > 0) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

/** Negative, zero or positive, by the precedence of semver.org; build metadata says nothing. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parse(a), parse(b)];
  for (const [index, part] of left.core.entries()) {
    const difference = part - (right.core[index] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.pre.length === 0 || right.pre.length === 0) return right.pre.length - left.pre.length;
  for (const [index, part] of left.pre.entries()) {
    const other = right.pre[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    if (typeof part === "number" && typeof other === "number") return part - other;
    if (typeof part !== typeof other) return typeof part === "number" ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return left.pre.length - right.pre.length;
}

interface Parsed {
  readonly core: readonly [number, number, number];
  readonly pre: readonly (number | string)[];
}

function parse(version: string): Parsed {
  const [, major, minor, patch, pre] = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?/.exec(version) ??
    [];
  return {
    core: [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)],
    pre: pre === undefined
      ? []
      : pre.split(".").map((part) => /^\d+$/.test(part) ? Number(part) : part),
  };
}
