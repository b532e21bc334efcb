/** A YAML file as values that know their position, with the environment filled in and a profile applied. */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
} from "yaml";
import { ConnectorError, ErrorClass } from "../core/errors.ts";
import { didYouMean } from "../core/suggest.ts";
import { interpolate } from "./interpolate.ts";

export interface Place {
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

export type ConfigNode =
  & Place
  & (
    | { readonly kind: "map"; readonly entries: ReadonlyMap<string, ConfigEntry> }
    | { readonly kind: "list"; readonly items: readonly ConfigNode[] }
    | {
      readonly kind: "value";
      readonly value: string | number | boolean | null;
      /** Depends on a variable that is not set here: there is a value, but it is unknown. It is null here. */
      readonly unknown?: true;
    }
  );

export interface ConfigEntry {
  readonly key: Place;
  readonly node: ConfigNode;
}

export interface ConfigSource {
  /** For messages. */
  readonly file: string;
  readonly env: (name: string) => string | undefined;
  /** Entry of `profiles` to apply over the rest; undefined: none. */
  readonly profile?: string | undefined;
}

export interface ConfigTree {
  /** With the chosen profile applied. Always a map; empty for an empty file. */
  readonly root: ConfigNode;
  /** The profiles that were not chosen, by name. Their values from the environment are unknown. */
  readonly others: ReadonlyMap<string, ConfigNode>;
}

/** Collects everything that is wrong with a file, so that one run reports it all. */
export class ConfigProblems {
  readonly file: string;
  readonly #found: { place: Place; message: string }[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(place: Place, message: string): void {
    this.#found.push({ place, message });
  }

  /** @throws ConnectorError `config.invalid` with a line for each problem, in the order of the file. */
  throwIfAny(): void {
    if (this.#found.length === 0) return;
    const lines = this.#found
      .toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
      .map(({ place, message }) => `${this.file}:${place.line}:${place.column}: ${message}`);
    throw new ConnectorError({
      errorClass: ErrorClass.InvalidRequest,
      code: "config.invalid",
      message: lines.join("\n"),
      origin: "caller",
    });
  }
}

const MAX_BYTES = 1024 * 1024;
/** Nodes that aliases may add up to: a few lines can otherwise stand for billions. */
const MAX_NODES = 100_000;
const START: Place = { line: 1, column: 1 };

/** The root of {@link readProfiles} alone. */
export function readTree(text: string, source: ConfigSource, problems: ConfigProblems): ConfigNode {
  return readProfiles(text, source, problems).root;
}

/** Problems are collected, not thrown. */
export function readProfiles(
  text: string,
  source: ConfigSource,
  problems: ConfigProblems,
): ConfigTree {
  const others = new Map<string, ConfigNode>();
  const empty: ConfigTree = { root: { kind: "map", entries: new Map(), ...START }, others };
  if (text.length > MAX_BYTES) {
    problems.add(START, `the file has ${text.length} characters; at most ${MAX_BYTES} are read`);
    return empty;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: "silent",
  });
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    const place = placeOf(lines, pos[0]);
    const line = text.split("\n", place.line)[place.line - 1] ?? "";
    // `${` opens a map inside [ ] and { }, which surprises people who meant a variable.
    const hint = /[[{].*\$\{/.test(line) ? '; put quotes around "${…}" inside [ ] and { }' : "";
    problems.add(place, message + hint);
    // What follows from the first one only confuses.
    if (hint !== "") break;
  }
  if (document.errors.length > 0 || document.contents === null) return empty;

  let nodes = 0;
  const convert = (node: unknown, open: readonly unknown[]): ConfigNode => {
    const at = placeOf(lines, (node as Node | null)?.range?.[0] ?? 0);
    if (++nodes > MAX_NODES) {
      if (nodes === MAX_NODES + 1) {
        problems.add(at, `more than ${MAX_NODES} values, aliases included`);
      }
      return { kind: "value", value: null, ...at };
    }
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target !== undefined && !open.includes(target)) {
        return { ...convert(target, open), ...at };
      }
      problems.add(at, `the alias *${node.source} ${target ? "contains itself" : "has no anchor"}`);
      return { kind: "value", value: null, ...at };
    }
    if (isMap(node)) {
      const entries = new Map<string, ConfigEntry>();
      for (const { key, value } of node.items) {
        const keyAt = placeOf(lines, (key as Node).range?.[0] ?? 0);
        if (!isScalar(key) || !String(key.value).isWellFormed()) {
          problems.add(keyAt, "a key must be a plain word");
        } else {
          const entry = value === null
            ? { kind: "value", value: null, ...keyAt } as const
            : convert(value, [...open, node]);
          entries.set(String(key.value), { key: keyAt, node: entry });
        }
      }
      return { kind: "map", entries, ...at };
    }
    if (isSeq(node)) {
      return {
        kind: "list",
        items: node.items.map((item) => convert(item, [...open, node])),
        ...at,
      };
    }
    return { kind: "value", value: isScalar(node) ? scalar(node) : null, ...at };
  };

  const root = convert(document.contents, []);
  if (root.kind !== "map") {
    problems.add(root, "the file must contain settings such as `listen: …`");
    return empty;
  }
  for (const [name, { node }] of profilesOf(root)) {
    if (name !== source.profile) others.set(name, fill(node, undefined, problems));
  }
  return { root: fill(overlay(root, source, problems), source.env, problems), others };
}

function profilesOf(root: ConfigNode & { kind: "map" }): ReadonlyMap<string, ConfigEntry> {
  const node = root.entries.get("profiles")?.node;
  return node?.kind === "map" ? node.entries : new Map();
}

/** The values that configuration can use; dates and the like stay text, as written. */
function scalar(node: Scalar): string | number | boolean | null {
  const { value } = node;
  if (value === null || typeof value === "boolean" || typeof value === "number") {
    return value;
  }
  return typeof value === "string" ? value : String(node.source);
}

/** Removes `profiles` and applies the chosen one over the rest. */
function overlay(
  root: ConfigNode & { kind: "map" },
  { profile }: ConfigSource,
  problems: ConfigProblems,
): ConfigNode {
  const profiles = root.entries.get("profiles");
  const entries = new Map(root.entries);
  entries.delete("profiles");
  const base: ConfigNode = { ...root, entries };
  if (profiles === undefined) {
    if (profile === undefined) return base;
    problems.add(root, `the profile "${profile}" was asked for, but there are no profiles`);
    return base;
  }
  if (profiles.node.kind !== "map") {
    problems.add(profiles.key, "profiles must be a map from name to settings");
    return base;
  }
  if (profile === undefined) return base;
  const chosen = profiles.node.entries.get(profile);
  if (chosen === undefined) {
    const names = [...profiles.node.entries.keys()];
    problems.add(
      profiles.key,
      `there is no profile "${profile}"; known: ${names.join(", ")}.${didYouMean(profile, names)}`,
    );
    return base;
  }
  return merged(base, chosen.node);
}

/** Maps are merged key by key; anything else is replaced. */
function merged(below: ConfigNode, above: ConfigNode): ConfigNode {
  if (below.kind !== "map" || above.kind !== "map") return above;
  const entries = new Map(below.entries);
  for (const [name, entry] of above.entries) {
    const under = entries.get(name);
    entries.set(
      name,
      under === undefined ? entry : { ...entry, node: merged(under.node, entry.node) },
    );
  }
  return { ...above, entries };
}

/** Fills in the environment; without one, unset variables are not a mistake: those of another profile are set elsewhere. */
function fill(
  node: ConfigNode,
  env: ConfigSource["env"] | undefined,
  problems: ConfigProblems,
): ConfigNode {
  if (node.kind === "list") {
    return { ...node, items: node.items.map((item) => fill(item, env, problems)) };
  }
  if (node.kind === "map") {
    const entries = new Map<string, ConfigEntry>();
    for (const [name, { key, node: value }] of node.entries) {
      entries.set(name, { key, node: fill(value, env, problems) });
    }
    return { ...node, entries };
  }
  if (typeof node.value !== "string") return node;
  let unknown = false;
  const { text } = interpolate(node.value, env ?? (() => undefined), (problem) => {
    unknown = true;
    if (env === undefined && problem.kind === "missing") return;
    problems.add(
      node,
      problem.kind === "missing"
        ? `the environment variable ${problem.name} is not set; set it, or write \${${problem.name}:-default}`
        : `"${problem.found}" is not \${NAME} or \${NAME:-default}; write $\${ for a plain \${`,
    );
  });
  return unknown ? { ...node, value: null, unknown } : { ...node, value: text };
}

function placeOf(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
