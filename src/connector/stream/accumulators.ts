/** The ways to combine the items of a stream into one value. */
import { DIGITS, type Json } from "../../core/json.ts";
import { select, type SelectorPath } from "../../sse/mod.ts";
import { allHold } from "../../core/rules/condition.ts";
import type { AccumulateHook } from "../data/hooks.ts";
import { isRecord } from "../request/values.ts";
import type { Accumulator } from "../data/stream.ts";
import type { Condition } from "../../core/rules/condition.ts";

/** The places where texts and lists are joined: by key or index, `*` for any place of a list; true where it is. */
export interface Joins {
  readonly [segment: string]: Joins | true;
}

export interface MergeOptions {
  /** Elsewhere texts are replaced, and lists merged. */
  readonly join?: Joins;
  /** Property that identifies which list element an element belongs to. */
  readonly index: string;
  /** Keys to rename at the end, wherever they are. */
  readonly rename?: readonly (readonly [from: string, to: string])[];
  /** Set on the result at the end. */
  readonly set?: Readonly<Record<string, Json>>;
}

type Tree = Record<string, unknown>;

/** Deep merge: objects by key, lists by `index`, else by place; null, absent and empty text change nothing that is there. */
export function merge(options: MergeOptions): Accumulator {
  return {
    add: (value, item) => mergeAt(value, item, options.index, options.join),
    finish: (value) => {
      const result = renamed(value, new Map(options.rename));
      return isRecord(result) ? Object.assign(result, options.set) : result;
    },
  };
}

type Join = Joins[string] | undefined;

function below(join: Join, segment: string): Join {
  return typeof join === "object" && Object.hasOwn(join, segment) ? join[segment] : undefined;
}

function mergeAt(into: unknown, item: unknown, index: string, join: Join): unknown {
  // APIs repeat keys such as an id with an empty text once they have said them.
  if (typeof item === "string" && typeof into === "string") {
    return join === true ? into + item : item === "" ? into : item;
  }
  if (item === undefined) return into;
  if (item === null) return into === undefined ? null : into;
  if (typeof item !== "object") return item;
  if (Array.isArray(item)) {
    // Copied: the item is the reader's, and more is added to the list.
    if (join === true) return [...Array.isArray(into) ? into : [], ...structuredClone(item)];
    return mergeList(into, item, index, join);
  }
  const target: Tree = isRecord(into) ? into : {};
  for (const [key, value] of Object.entries(item)) {
    // Assigning __proto__ would change the object instead of its content.
    if (key !== "__proto__") target[key] = mergeAt(target[key], value, index, below(join, key));
  }
  return target;
}

function mergeList(
  into: unknown,
  items: readonly unknown[],
  index: string,
  join: Join,
): unknown[] {
  const target: unknown[] = Array.isArray(into) ? into : [];
  items.forEach((item, place) => {
    const own = isRecord(item) ? numberOf(item[index]) : undefined;
    const found = own === undefined
      ? place
      : target.findIndex((other) => isRecord(other) && numberOf(other[index]) === own);
    const at = found === -1 ? placeOf(target, own ?? place, index) : found;
    if (found === -1) target.splice(at, 0, undefined);
    target[at] = mergeAt(target[at], item, index, below(join, String(at)) ?? below(join, "*"));
  });
  return target;
}

/** Also of one that is read `as: text`. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "string" && DIGITS.test(value)) return Number(value);
  return typeof value === "number" ? value : undefined;
}

/** Ordered by their numbers, whichever arrives first. */
function placeOf(target: readonly unknown[], own: number, index: string): number {
  const after = target.findIndex((other) => isRecord(other) && Number(other[index]) > own);
  return after === -1 ? target.length : after;
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, names));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [names.get(key) ?? key, renamed(item, names)]),
  );
}

/** One item carries the whole result. */
export function eventResult(when: readonly Condition[], take: SelectorPath): Accumulator {
  return {
    add: (value, item) => value === undefined && allHold(when, item) ? select(take, item) : value,
  };
}

/** A key, an index, or the value in the item at a path. */
export type TargetPath = readonly (string | number | { readonly at: SelectorPath })[];

export interface Rule {
  readonly when: readonly Condition[];
  /** `concat` joins texts and lists. A value absent from the item changes nothing. */
  readonly action: "set" | "merge" | "concat" | "push" | "parse";
  readonly target: TargetPath;
  readonly from?: SelectorPath;
}

/** Each rule that holds is applied, in order. */
export function rules(list: readonly Rule[]): Accumulator {
  return {
    add: (value, item) => {
      let state = value;
      for (const rule of list) {
        if (allHold(rule.when, item)) state = apply(state, rule, item, 0);
      }
      return state;
    },
  };
}

function apply(state: unknown, rule: Rule, item: unknown, depth: number): unknown {
  const segment = rule.target[depth];
  if (segment === undefined) return act(state, rule, item);
  const key = typeof segment === "object" ? select(segment.at, item) : segment;
  if (typeof key === "number") {
    const list: unknown[] = Array.isArray(state) ? state : [];
    const at = key < 0 ? list.length + key : key;
    // An absurd index from the API must not create a list of billions.
    if (at >= 0 && at <= list.length + 1000) list[at] = apply(list[at], rule, item, depth + 1);
    return list;
  }
  if (typeof key !== "string" || key === "__proto__") return state;
  const tree: Tree = isRecord(state) ? state : {};
  tree[key] = apply(tree[key], rule, item, depth + 1);
  return tree;
}

function act(state: unknown, rule: Rule, item: unknown): unknown {
  // A copy: building the result must not change the item that a reader was given.
  const found = structuredClone(rule.from === undefined ? item : select(rule.from, item));
  switch (rule.action) {
    case "parse":
      return parsed(state);
    case "push":
      return found === undefined ? state : [...Array.isArray(state) ? state : [], found];
    case "concat":
      if (Array.isArray(found)) return [...Array.isArray(state) ? state : [], ...found];
      if (typeof found !== "string") return state;
      return (typeof state === "string" ? state : "") + found;
    case "merge":
      return isRecord(found) ? { ...isRecord(state) ? state : {}, ...found } : state;
    case "set":
      return found === undefined ? state : found;
  }
}

/** Text that is not JSON (cut by a token limit) stays text; empty text is an empty object. */
function parsed(state: unknown): unknown {
  if (typeof state !== "string") return state;
  if (state === "") return {};
  try {
    return JSON.parse(state);
  } catch {
    return state;
  }
}

export function hookResult(hook: AccumulateHook): Accumulator {
  return { add: hook };
}
