/** Formats changes for people and tools. */
import type { Change } from "./changes.ts";
import { LEVELS } from "./changes.ts";
import type { Level } from "./rules.ts";
import type { Verdict } from "./version.ts";

const RELEASES: Readonly<Record<Level, string>> = {
  breaking: "a breaking release",
  feature: "a feature release",
  fix: "a fix",
};
const COUNTED: Readonly<Record<Level, readonly [one: string, many: string]>> = {
  breaking: ["breaking change", "breaking changes"],
  feature: ["feature", "features"],
  fix: ["fix", "fixes"],
};

export function formatChanges(
  changes: readonly Change[],
  verdict: Verdict,
  format: "text" | "json",
): string {
  if (format === "json") return JSON.stringify({ ...verdict, changes }, null, 2) + "\n";
  const lines = changes.map((change) => {
    const { at } = change;
    const place = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
    return `${place}${change.level} ${change.code}: ${change.subject} ${change.message}`;
  });
  return [...lines, ...lines.length > 0 ? [""] : [], summary(changes, verdict), ""].join("\n");
}

function summary(changes: readonly Change[], verdict: Verdict): string {
  const { level, proposed, found, enough } = verdict;
  if (level === undefined) return `Nothing changed; the version is ${found}.`;
  const counts = LEVELS.flatMap((one) => {
    const count = changes.filter((change) => change.level === one).length;
    return count === 0 ? [] : [`${count} ${COUNTED[one][count === 1 ? 0 : 1]}`];
  });
  const says = enough
    ? `the new spec says ${found}, which is right`
    : `the new spec says ${found}; make it ${proposed}`;
  return `${counts.join(", ")}: ${RELEASES[level]}, ${proposed} or later; ${says}.`;
}
