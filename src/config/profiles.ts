/** A configuration file with the environment filled in and a profile applied. */
import { didYouMean } from "../core/suggest.ts";
import { interpolate } from "./interpolate.ts";
import {
  type ConfigEntry,
  type ConfigMap,
  type ConfigNode,
  type ConfigProblems,
  parseTree,
} from "./tree.ts";

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
  const root = parseTree(text, problems);
  const others = new Map<string, ConfigNode>();
  for (const [name, { node }] of profilesOf(root)) {
    if (name !== source.profile) others.set(name, fill(node, undefined, problems));
  }
  return { root: fill(overlay(root, source, problems), source.env, problems), others };
}

function profilesOf(root: ConfigMap): ReadonlyMap<string, ConfigEntry> {
  const node = root.entries.get("profiles")?.node;
  return node?.kind === "map" ? node.entries : new Map();
}

/** Removes `profiles` and applies the chosen one over the rest. */
function overlay(
  root: ConfigMap,
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
export function fill(
  node: ConfigNode,
  env: ((name: string, node: ConfigNode) => string | undefined) | undefined,
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
  const { text } = interpolate(node.value, (name) => env?.(name, node), (problem) => {
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
