export type { Change } from "./changes.ts";
export { diffConnectors } from "./connector.ts";
export { formatChanges } from "./format.ts";
export { type Level, type RuleCode, RULES } from "./rules.ts";
export { compareVersions, judge, nextVersion, type Verdict } from "./version.ts";
