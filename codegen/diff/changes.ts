/** What differs between two versions of a connector. */
import type { Position } from "../model/mod.ts";
import { type Level, type RuleCode, RULES } from "./rules.ts";

export interface Change {
  readonly level: Level;
  /** Stable: `operation.removed`. */
  readonly code: RuleCode;
  /** The part it affects: `chat.completions.create`, `ChatRequest.messages[].role`. */
  readonly subject: string;
  /** What happened to it; starts in lower case, without a full stop. */
  readonly message: string;
  /** In the new spec; in the old one for removed parts. */
  readonly at: Position | undefined;
  readonly side: "old" | "new";
}

/** Its position on both sides. */
export interface Places {
  readonly old: Position | undefined;
  readonly new: Position | undefined;
}

export class Changes {
  readonly #found = new Map<string, Change>();

  /** A removed part has no position on the new side. Duplicates are reported once. */
  add(code: RuleCode, subject: string, message: string, places: Places): void {
    const side = places.new === undefined ? "old" : "new";
    const change: Change = {
      level: RULES[code][0],
      code,
      subject,
      message,
      at: places[side],
      side,
    };
    const key = `${code}\n${subject}\n${message}`;
    if (!this.#found.has(key)) this.#found.set(key, change);
  }

  /** Most severe first; within a level in the order of the spec. */
  list(): Change[] {
    const all = [...this.#found.values()];
    return LEVELS.flatMap((level) => all.filter((change) => change.level === level));
  }
}

/** Most severe first. */
export const LEVELS: readonly Level[] = ["breaking", "feature", "fix"];

/** Equal except for position and description. */
export function same(a: unknown, b: unknown, ignored: ReadonlySet<string> = PLACES): boolean {
  return a === b || shape(a, ignored) === shape(b, ignored);
}

const PLACES: ReadonlySet<string> = new Set(["at"]);
export const TEXTS: ReadonlySet<string> = new Set(["at", "doc", "valueDocs", "examples"]);

/** Canonical JSON: the order of keys does not matter. */
export function shape(value: unknown, ignored: ReadonlySet<string> = PLACES): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    if (ignored.has(key)) return undefined;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  }) ?? "undefined";
}

export interface Pair<T> {
  readonly key: string;
  readonly old: T | undefined;
  readonly new: T | undefined;
}

/** By name: removed ones first, in their old order; then in the order of the new side. */
export function pairs<T>(
  old: readonly T[],
  now: readonly T[],
  keyOf: (item: T) => string,
): Pair<T>[] {
  const before = new Map(old.map((item) => [keyOf(item), item]));
  const after = new Set(now.map(keyOf));
  return [
    ...old.filter((item) => !after.has(keyOf(item))).map((item) => ({
      key: keyOf(item),
      old: item,
      new: undefined,
    })),
    ...now.map((item) => ({ key: keyOf(item), old: before.get(keyOf(item)), new: item })),
  ];
}
