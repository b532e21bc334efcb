/** Hand-written specs: the full YAML 1.2 parser, with a position for every node. */
import {
  type Alias,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { LoadLimits } from "./limits.ts";
import type { Key, LoadProblem, Parsed, SourceDocument, Span } from "./source.ts";

const MAX_SYNTAX_PROBLEMS = 10;
const MAX_OPEN = 5000;

export function parseYamlDocument(path: string, text: string, limits: LoadLimits): Parsed {
  if (opensUnclosed(text)) return { problems: [tooDeep(limits)] };
  let parsed;
  try {
    parsed = parseDocument(text, {
      version: "1.2",
      schema: "core",
      uniqueKeys: false,
      merge: false,
      logLevel: "error",
    });
  } catch (error) {
    if (error instanceof RangeError) return { problems: [tooDeep(limits)] };
    throw error;
  }
  if (parsed.errors.some((error) => /call stack/i.test(error.message))) {
    return { problems: [tooDeep(limits)] };
  }
  const problems: LoadProblem[] = [];
  // After one unexpected character the parser trips over most of what follows.
  const first = parsed.errors.find((error) => error.code === "UNEXPECTED_TOKEN");
  const own = parsed.errors.filter((error) => error.code !== "UNEXPECTED_TOKEN" || error === first);
  const places = new Set<number>();
  for (const error of [...own, ...parsed.warnings].slice(0, MAX_SYNTAX_PROBLEMS)) {
    if (places.has(error.pos[0])) continue;
    places.add(error.pos[0]);
    problems.push(syntaxProblem(error, parsed.contents as Node | null));
    // Text after a tab is misread, so mistakes in it are not real.
    if (error.code === "TAB_AS_INDENT") break;
  }
  const reader = new Reader(problems, limits);
  const value = reader.read(parsed.contents as Node | null, 0);
  return { document: new YamlDocument(path, text, value, reader.nodes), problems };
}

/** At the start of the file, if the parser gave up before it knew more. */
export function tooDeep(limits: LoadLimits): LoadProblem {
  return {
    code: "VC1006",
    span: { start: 0, end: 1 },
    message: `Nested deeper than ${limits.maxDepth} levels.`,
    help: "Flatten it, or give the inner parts names under types.",
  };
}

/** Rewords the parser's grammar errors in terms of what people write. */
const EXPLAINED: readonly (readonly [pattern: RegExp, message: string, help: string])[] = [
  [
    /Nested mappings are not allowed in compact mappings/,
    "a second `: ` within one value",
    "Put text that contains `: ` in quotes; keys of one mapping start in the same column.",
  ],
  [
    /Unexpected flow-(map|seq)-start/,
    "a bracket within unquoted text",
    'Put text with brackets in quotes: "/items/{id}".',
  ],
  [
    /Plain value cannot start with/,
    "unquoted text cannot start with this character",
    "Put the text in quotes.",
  ],
];

function syntaxProblem(
  error: { code: string; message: string; pos: [number, number] },
  root: Node | null,
): LoadProblem {
  const [start, end] = error.pos;
  const span = { start, end: Math.max(end, start + 1) };
  if (error.code === "MULTIPLE_DOCS") {
    const message = "The file contains more than one YAML document.";
    const help = "Keep one connector in a file, without a `---` line in the middle.";
    return { code: "VC1005", span, message, help };
  }
  const quote = /^Missing closing (["'])quote/.exec(error.message)?.[1];
  if (quote !== undefined) {
    return {
      code: "VC1004",
      span: lastQuoted(root) ?? span,
      message: "Not valid YAML: this quote is never closed.",
      help: `Put a ${quote} after the text.`,
    };
  }
  const known = EXPLAINED.find(([pattern]) => pattern.test(error.message));
  if (known !== undefined) {
    const [, message, help] = known;
    return { code: "VC1004", span, message: `Not valid YAML: ${message}.`, help };
  }
  const [first = ""] = error.message.split("\n");
  const what = first.replace(/ at line \d+, column \d+:?$/, "").replace(/[.:]$/, "");
  return {
    code: "VC1004",
    span,
    message: `Not valid YAML: ${what}.`,
    help: "Check the indentation (spaces, never tabs) and the brackets around here; " +
      "put text with any of []{},:# in quotes.",
  };
}

/** The quote that was left open: everything after it is inside, so it is the last node. */
function lastQuoted(root: Node | null): Span | undefined {
  let at: unknown = root;
  while (isMap(at) || isSeq(at)) {
    const last: unknown = at.items.at(-1);
    at = isMap(at) && isPair(last) ? last.value ?? last.key : last;
  }
  if (!isScalar(at) || !at.type?.startsWith("QUOTE") || !at.range) return undefined;
  return { start: at.range[0], end: at.range[0] + 1 };
}

/** Thousands of open brackets cost the parser seconds; no real text has them, not even in prose. */
export function opensUnclosed(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) {
      if (++depth > MAX_OPEN) return true;
    } else if ((c === 0x5d || c === 0x7d) && depth > 0) depth--;
  }
  return false;
}

class Reader {
  readonly nodes = new Map<unknown, Node>();
  readonly #problems: LoadProblem[];
  readonly #limits: LoadLimits;
  readonly #anchors = new Map<string, { value: unknown; size: number; open: boolean }>();
  #expanded = 0;
  #bomb = false;
  #deep = false;

  constructor(problems: LoadProblem[], limits: LoadLimits) {
    this.#problems = problems;
    this.#limits = limits;
  }

  #problem(code: string, node: Node, message: string, help: string): void {
    this.#problems.push({ code, span: spanOf(node), message, help });
  }

  read(node: Node | null, depth: number): unknown {
    if (node === null) return null;
    this.#expanded++;
    if (depth > this.#limits.maxDepth) {
      if (!this.#deep) {
        const message = `Nested deeper than ${this.#limits.maxDepth} levels.`;
        this.#problem(
          "VC1006",
          node,
          message,
          "Flatten it, or give the inner parts names under types.",
        );
      }
      this.#deep = true;
      return null;
    }
    if (isAlias(node)) return this.#alias(node);
    const before = this.#expanded;
    const anchor = (node as { anchor?: string }).anchor;
    const slot = { value: null as unknown, size: 0, open: true };
    if (anchor !== undefined) this.#anchors.set(anchor, slot);
    slot.value = isMap(node)
      ? this.#map(node, depth)
      : isSeq(node)
      ? this.#list(node, depth)
      : this.#scalar(node);
    slot.open = false;
    slot.size = this.#expanded - before + 1;
    return slot.value;
  }

  #alias(node: Alias): unknown {
    const slot = this.#anchors.get(node.source);
    if (slot === undefined || slot.open) {
      this.#problem(
        "VC1008",
        node,
        slot === undefined
          ? `The alias \`*${node.source}\` has no anchor before it.`
          : `The alias \`*${node.source}\` stands inside its own anchor.`,
        `Write \`&${node.source}\` at an earlier node, outside this one.`,
      );
      return null;
    }
    this.#expanded += slot.size;
    if (this.#expanded > this.#limits.maxAliasNodes) {
      if (!this.#bomb) {
        this.#problem(
          "VC1007",
          node,
          `Aliases expand to more than ${this.#limits.maxAliasNodes} nodes.`,
          "Use named types and `$ref` in place of nested aliases.",
        );
      }
      this.#bomb = true;
      return null;
    }
    return slot.value;
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    this.nodes.set(value, node);
    for (const pair of node.items) {
      const keyNode = pair.key as Node | null;
      const key = this.#key(keyNode);
      const child = pair.value as Node | null;
      if (key === undefined) continue;
      if (Object.hasOwn(value, key)) {
        const first = node.items.find((other) =>
          String((other.key as { value?: unknown })?.value) === key
        );
        const line = first === undefined ? "" : " before";
        this.#problem(
          "VC1101",
          keyNode ?? node,
          `The key \`${key}\` was given${line} in the same mapping.`,
          "Keep one of the two.",
        );
        continue;
      }
      const read = this.read(child, depth + 1);
      if (key === "__proto__") {
        Object.defineProperty(value, key, {
          value: read,
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else value[key] = read;
    }
    return value;
  }

  #key(node: Node | null): string | undefined {
    if (node !== null && isScalar(node) && node.tag === undefined) {
      if (typeof node.value === "string") {
        if (node.value !== "<<" || node.type !== "PLAIN") return node.value;
        const help = "Repeat the keys, or use `allOf` for types.";
        this.#problem("VC1009", node, "Merge keys (`<<`) are not part of YAML 1.2.", help);
        return undefined;
      }
      // `200:` and `null:` as keys mean strings.
      if (typeof node.value !== "object") return node.source ?? String(node.value);
      if (node.value === null && node.source !== undefined && node.source !== "") {
        return node.source;
      }
    }
    if (node !== null) {
      this.#problem("VC1009", node, "This key is not plain text.", "Keys are strings: quote it.");
    }
    return undefined;
  }

  #list(node: YAMLSeq, depth: number): unknown[] {
    const value: unknown[] = [];
    this.nodes.set(value, node);
    for (const item of node.items) value.push(this.read(item as Node | null, depth + 1));
    return value;
  }

  #scalar(node: Node): unknown {
    if (!isScalar(node)) return null;
    if (node.tag !== undefined && !node.tag.startsWith("tag:yaml.org,2002:")) return null;
    const value = node.value;
    if (typeof value === "bigint") return Number(value);
    return value === undefined ? null : value;
  }
}

function spanOf(node: Node | null | undefined): Span {
  const range = node?.range;
  return range ? { start: range[0], end: Math.max(range[1], range[0] + 1) } : { start: 0, end: 1 };
}

class YamlDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  readonly #nodes: ReadonlyMap<unknown, Node>;
  /** By mapping, so that a thousand mistakes in a mapping of a thousand keys do not take a million steps. */
  readonly #pairs = new Map<YAMLMap, Map<string, Pair>>();

  constructor(path: string, text: string, value: unknown, nodes: ReadonlyMap<unknown, Node>) {
    this.path = path;
    this.text = text;
    this.value = value;
    this.#nodes = nodes;
  }

  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span {
    const node = this.#nodes.get(container);
    if (key === undefined || node === undefined) return spanOf(node);
    if (isSeq(node)) return spanOf(node.items[Number(key)] as Node | undefined);
    if (!isMap(node)) return spanOf(node);
    const pair = this.#pairsOf(node).get(String(key));
    if (pair === undefined) return spanOf(node);
    const value = pair.value as Node | null;
    // An empty value has no text of its own: the key is the only place to point at.
    const empty = isScalar(value) && (value.source ?? "") === "" && value.type === "PLAIN";
    return spanOf(part === "key" || value === null || empty ? pair.key as Node : value);
  }

  /** The first one of each name. */
  #pairsOf(node: YAMLMap): Map<string, Pair> {
    let pairs = this.#pairs.get(node);
    if (pairs !== undefined) return pairs;
    this.#pairs.set(node, pairs = new Map());
    for (const pair of node.items) {
      const { key } = pair;
      if (!isScalar(key)) continue;
      const name = typeof key.value === "string" ? key.value : key.source ?? String(key.value);
      if (!pairs.has(name)) pairs.set(name, pair);
    }
    return pairs;
  }

  near(container: unknown, key: Key | undefined): Span {
    return this.span(container, key, "key");
  }
}
