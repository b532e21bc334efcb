/**
 * Parts of an answer, chosen by paths: `items[].name`, `items[0:10]`, `choices[0].message`, `$["odd key"]`. What is chosen keeps
 * its place, so that it reads like the answer with the rest left out.
 */
import { invalidRequest } from "../../core/errors.ts";
import { didYouMean } from "../../core/suggest.ts";
import type { SchemaNode } from "../../schema/check.ts";
import { isNode, resolve } from "../schema/keywords.ts";

type Segment =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "place"; readonly place: number }
  /** Of a list, of a text by its characters, or of an object by its entries. */
  | { readonly kind: "slice"; readonly from: number; readonly to: number };

export interface Selector {
  readonly text: string;
  readonly segments: readonly Segment[];
}

const FIRST = /([A-Za-z_][\w-]*)/y;
const NEXT = /\.([A-Za-z_$@][\w$@-]*)|\[(-?\d+)\]|\[(\d*)(:?)(\d*)\]|\[("(?:[^"\\]|\\.)*")\]/y;
/** No answer has so many parts worth choosing, and each one costs a look at the whole. */
export const MAX_SELECTORS = 50;
const MAX_CHARS = 500;

/** @throws ConnectorError `select.invalid`. */
export function parseSelector(text: string): Selector {
  if (text.length > MAX_CHARS) {
    throw invalidRequest(
      "select.invalid",
      `A selector has at most ${MAX_CHARS} characters, found ${text.length}.`,
    );
  }
  const segments: Segment[] = [];
  let at = text.startsWith("$") && !/^\$\w/.test(text) ? 1 : 0;
  FIRST.lastIndex = at;
  const first = at === 0 ? FIRST.exec(text) : null;
  if (first !== null) {
    segments.push({ kind: "key", key: first[0] });
    at = FIRST.lastIndex;
  }
  while (at < text.length) {
    NEXT.lastIndex = at;
    const match = NEXT.exec(text);
    const segment = match === null ? undefined : segmentOf(match);
    if (segment === undefined) throw unreadable(text, at);
    segments.push(segment);
    at = NEXT.lastIndex;
  }
  if (text === "") throw unreadable(text, 0);
  return { text, segments };
}

function segmentOf([, key, place, from = "", colon, to = "", quoted]: RegExpExecArray):
  | Segment
  | undefined {
  if (key !== undefined) return { kind: "key", key };
  if (place !== undefined) return { kind: "place", place: Number(place) };
  if (quoted !== undefined) return quotedKey(quoted);
  return {
    kind: "slice",
    from: Number(from),
    to: colon === "" || to === "" ? Infinity : Number(to),
  };
}

function quotedKey(text: string): Segment | undefined {
  try {
    return { kind: "key", key: JSON.parse(text) as string };
  } catch {
    return undefined;
  }
}

function unreadable(text: string, at: number): Error {
  return invalidRequest(
    "select.invalid",
    `The selector ${JSON.stringify(text.slice(0, 100))} cannot be read at character ${
      at + 1
    }: use ` +
      `name, .name, ["odd name"], [] for all, [0] for one or [10:20] for some.`,
  );
}

/** Refuses a name that the schema does not know. @throws ConnectorError `select.unknown`. */
export function checkSelector(selector: Selector, schema: unknown, types: SchemaNode): void {
  let nodes = alternatives(schema, types);
  let before = "$";
  for (const segment of selector.segments) {
    if (segment.kind === "key") {
      const known = nodes.flatMap((node) => knownKeys(node));
      // Each once: alternatives that lead to the same types would multiply with each step.
      const next = [...new Set(nodes.flatMap((node) => inside(node, segment.key, types)))];
      if (next.length === 0 && nodes.every(isClosed)) {
        throw invalidRequest(
          "select.unknown",
          `${selector.text}: there is no ${JSON.stringify(segment.key)} in ${before}${
            nodes.some(isList)
              ? ", which is a list: write [] behind its name"
              : known.length === 0
              ? ", which is not an object"
              : `: there are ${[...new Set(known)].slice(0, 50).join(", ")}`
          }.${didYouMean(segment.key, known)}`,
        );
      }
      nodes = next.length === 0 ? [{}] : next;
      before += `.${segment.key}`;
    } else {
      const next = nodes.flatMap((node) => node["items"] === undefined ? [] : [node["items"]])
        .flatMap((items) => alternatives(items, types));
      // A slice of a text or of an object's entries is what it was cut from.
      nodes = next.length > 0 ? [...new Set(next)] : segment.kind === "slice" ? nodes : [{}];
      before += "[]";
    }
  }
}

function isList({ items, type }: SchemaNode): boolean {
  return items !== undefined || type === "array";
}

/** A schema as the plain ones that it allows; what is not known allows anything. */
function alternatives(
  schema: unknown,
  types: SchemaNode,
  seen = new Set<SchemaNode>(),
): SchemaNode[] {
  const node = resolve(schema, types);
  if (!isNode(node)) return [ANYTHING];
  // They may refer to one another, or to themselves.
  if (seen.has(node)) return [];
  seen.add(node);
  const inner = (["allOf", "anyOf", "oneOf"] as const).flatMap((keyword) => {
    const list = node[keyword];
    return Array.isArray(list) ? list.flatMap((one) => alternatives(one, types, seen)) : [];
  });
  const { properties, items, type } = node;
  const own = properties !== undefined || items !== undefined || inner.length === 0 ||
    (type !== undefined && type !== "object" && type !== "array");
  return own ? [node, ...inner] : inner;
}

const ANYTHING: SchemaNode = {};

function knownKeys({ properties }: SchemaNode): string[] {
  return isNode(properties) ? Object.keys(properties) : [];
}

function inside(node: SchemaNode, key: string, types: SchemaNode): SchemaNode[] {
  const { properties, additionalProperties } = node;
  if (isNode(properties) && Object.hasOwn(properties, key)) {
    return alternatives(properties[key], types);
  }
  return isNode(additionalProperties) ? alternatives(additionalProperties, types) : [];
}

/** True where what is not declared is a mistake rather than something that nobody has described. */
function isClosed(node: SchemaNode): boolean {
  const { properties, additionalProperties, patternProperties, type } = node;
  if (additionalProperties === true || patternProperties !== undefined) return false;
  if (isNode(properties) && Object.keys(properties).length > 0) return true;
  return type !== undefined && type !== "object" &&
    !(Array.isArray(type) && type.includes("object"));
}

/** What the selectors choose, in its places; undefined where they lead nowhere. */
export function choose(value: unknown, selectors: readonly Selector[]): unknown {
  return chooseAt(value, selectors.map(({ segments }) => segments));
}

function chooseAt(value: unknown, paths: readonly (readonly Segment[])[]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (typeof value === "string") {
    const [[segment] = []] = paths;
    return segment?.kind === "slice" ? value.slice(segment.from, segment.to) : undefined;
  }
  if (Array.isArray(value)) return chooseItems(value, paths);
  return typeof value === "object" && value !== null ? chooseEntries(value, paths) : undefined;
}

/** Each chosen item once, in the order of the list. */
function chooseItems(list: readonly unknown[], paths: readonly (readonly Segment[])[]): unknown {
  const chosen = new Map<number, (readonly Segment[])[]>();
  const own = paths.filter(([segment]) => segment !== undefined && segment.kind !== "key");
  if (own.length === 0) return undefined;
  for (const [segment, ...rest] of own) {
    if (segment === undefined || segment.kind === "key") continue;
    const from = segment.kind === "slice"
      ? segment.from
      : segment.place + (segment.place < 0 ? list.length : 0);
    const to = segment.kind === "slice" ? Math.min(segment.to, list.length) : from + 1;
    for (let place = Math.max(0, from); place < Math.min(to, list.length); place++) {
      chosen.set(place, [...chosen.get(place) ?? [], rest]);
    }
  }
  return [...chosen].sort(([a], [b]) => a - b)
    .map(([place, inner]) => chooseAt(list[place], inner))
    .filter((item) => item !== undefined);
}

function chooseEntries(value: object, paths: readonly (readonly Segment[])[]): unknown {
  const entries = Object.entries(value);
  const chosen = new Map<string, (readonly Segment[])[]>();
  for (const [segment, ...rest] of paths) {
    if (segment === undefined || segment.kind === "place") continue;
    const keys = segment.kind === "key"
      ? [segment.key]
      : entries.slice(segment.from, segment.to).map(([key]) => key);
    for (const key of keys) chosen.set(key, [...chosen.get(key) ?? [], rest]);
  }
  return Object.fromEntries(
    entries.filter(([key]) => chosen.has(key))
      .map(([key, inner]) => [key, chooseAt(inner, chosen.get(key) ?? [])])
      .filter(([, inner]) => inner !== undefined),
  );
}
