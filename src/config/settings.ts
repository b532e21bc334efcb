/** Reads settings by their JSON Schema, the only list of them: values are checked, and each mistake is noted at its place. */
import { didYouMean } from "../core/suggest.ts";
import { createChecker, refName, type SchemaNode } from "../schema/check.ts";
import { findMistakes, type Found, segments } from "../schema/explain.ts";
import type { ConfigNode, ConfigProblems, Place } from "./tree.ts";

/** The schema of an object; `$defs` may hold the definitions that are converted. */
export type SettingsSchema = SchemaNode & { readonly $defs: SchemaNode };

const DURATION: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const SIZE: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Definitions whose values programs use in a different form than people write: times in ms, sizes in bytes. */
const CONVERTED: Readonly<Record<string, (value: unknown) => unknown>> = {
  duration: (value) => withUnit(value, DURATION),
  wait: (value) => withUnit(value, DURATION),
  size: (value) => withUnit(value, SIZE),
  count: Number,
  share: Number,
  number: Number,
  flag: (value) => String(value) === "true",
  strings: (value) => typeof value === "string" ? splitList(value) : value,
};

/**
 * The settings of a map, converted; what the file leaves out is absent. If there are mistakes, they are noted and nothing
 * is returned. `path` prefixes the names in messages.
 */
export function readSettings(
  node: ConfigNode,
  schema: SettingsSchema,
  problems: ConfigProblems,
  path: string = "",
): SchemaNode {
  // `${` is not special here: the environment is filled in already, so one that is left is ordinary text.
  const types = { ...schema.$defs, variable: { enum: [] } };
  const value = isAbsent(node) ? {} : plain(node);
  const mistakes = findMistakes(createChecker(types)("settings", schema, value), value);
  for (const mistake of mistakes) report(mistake, node, schema, problems, path);
  return mistakes.length > 0 ? {} : converted(value, schema, schema) as SchemaNode;
}

/** A single text counts as a list of one; text from the environment is split at commas. */
export function splitList(text: string): string[] {
  return text.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/**
 * The environment holds only text, so all values are compared as text, whatever type YAML gave them. Null counts as absent,
 * except in a list, where it is a mistake.
 */
function plain(node: ConfigNode): unknown {
  if (node.kind === "list") return node.items.map(plain);
  if (node.kind === "value") return node.value === null && !node.unknown ? null : text(node.value);
  return Object.fromEntries(
    [...node.entries].filter(([, entry]) => !isAbsent(entry.node))
      .map(([name, entry]) => [name, plain(entry.node)]),
  );
}

function text(value: string | number | boolean | null): string {
  return value === null ? "" : String(value);
}

function converted(value: unknown, schema: SchemaNode, root: SettingsSchema): unknown {
  const convert = CONVERTED[definitionOf(schema) ?? ""];
  if (convert !== undefined) return convert(value);
  if (Array.isArray(value)) {
    return value.map((item) => converted(item, inside(schema, "0", root), root));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, one]) => [name, converted(one, inside(schema, name, root), root)]),
  );
}

function withUnit(value: unknown, units: Readonly<Record<string, number>>): number {
  const [, amount, unit = ""] = /^([\d.]+)\s*([A-Za-z]*)$/.exec(String(value)) ?? [];
  return Math.ceil(Number(amount) * (units[unit] ?? 1));
}

function report(
  { pointer, keyword, message }: Found,
  root: ConfigNode,
  schema: SettingsSchema,
  problems: ConfigProblems,
  path: string,
): void {
  let at: ConfigNode = root;
  let key: Place = root;
  let [own, holder]: [SchemaNode, SchemaNode] = [schema, schema];
  let name = path;
  for (const step of segments(pointer)) {
    const entry = at.kind === "map" ? at.entries.get(step) : undefined;
    const next = at.kind === "list" ? at.items[Number(step)] : entry?.node;
    name += at.kind === "list" ? `[${step}]` : name === "" ? step : `.${step}`;
    at = next ?? at;
    key = entry?.key ?? at;
    [own, holder] = [inside(own, step, schema), own];
  }
  if (keyword === "false") {
    const known = Object.keys(resolved(holder, schema)["properties"] as SchemaNode);
    const hint = didYouMean(segments(pointer).at(-1) ?? "", known);
    problems.add(key, `unknown setting ${name}.${hint} Known here: ${known.join(", ")}.`);
  } else if (keyword === "required") {
    problems.add(at, `${name} ${message}`);
  } else if (at.kind !== "value" || !at.unknown) {
    problems.add(at, `${name} ${wrong(at, keyword, message, own, schema)}`);
  }
}

/** Worded here where the validator would repeat the value: a secret in the wrong place must not be shown in full. */
function wrong(
  node: ConfigNode,
  keyword: string,
  message: string,
  schema: SchemaNode,
  root: SettingsSchema,
): string {
  const { enum: choices, type, description } = resolved(schema, root);
  const found = `found ${described(node)}`;
  if (Array.isArray(choices)) {
    const hint = node.kind === "value" ? didYouMean(text(node.value), choices.map(String)) : "";
    return `must be one of ${choices.join(", ")}, ${found}${hint === "" ? "" : `.${hint}`}`;
  }
  if (definitionOf(schema) !== undefined) return `must be ${String(description)}, ${found}`;
  return keyword === "type" ? `must be ${TYPES[String(type)] ?? String(type)}, ${found}` : message;
}

const TYPES: Readonly<Record<string, string>> = {
  object: "a map of settings",
  array: "a list",
  string: "a text",
};

/** The schema of an entry or an item. */
function inside(schema: SchemaNode, step: string, root: SettingsSchema): SchemaNode {
  const { properties, additionalProperties, items, anyOf } = resolved(schema, root) as {
    readonly properties?: Readonly<Record<string, SchemaNode>>;
    readonly additionalProperties?: SchemaNode;
    readonly items?: SchemaNode;
    readonly anyOf?: readonly SchemaNode[];
  };
  if (properties !== undefined) {
    return Object.hasOwn(properties, step) ? properties[step] ?? {} : {};
  }
  return items ?? additionalProperties ??
    anyOf?.find((one) => one["items"] !== undefined)?.["items"] as SchemaNode ?? {};
}

function definitionOf({ $ref }: SchemaNode): string | undefined {
  return typeof $ref === "string" ? refName($ref) : undefined;
}

function resolved(schema: SchemaNode, root: SettingsSchema): SchemaNode {
  const name = definitionOf(schema);
  return name === undefined ? schema : root.$defs[name] as SchemaNode;
}

/** There is no value, and the environment would not supply one either. */
function isAbsent(node: ConfigNode): boolean {
  return node.kind === "value" && node.value === null && !node.unknown;
}

function described(node: ConfigNode): string {
  if (node.kind !== "value") return `a ${node.kind}`;
  if (node.value === null) return "nothing";
  const shown = String(node.value);
  return JSON.stringify(shown.length > 24 ? `${shown.slice(0, 8)}…` : node.value);
}
