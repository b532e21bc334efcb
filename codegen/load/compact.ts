/**
 * The fast way for large generated specs: YAML whose entries are one line each, `  name: {JSON}` under a top-level key.
 * It is ordinary YAML; whatever does not have this form goes to the full parser, which gives the same values.
 */
import { parentsOf, pathTo } from "./json.ts";
import { scanJson } from "./json_scan.ts";
import type { Key, SourceDocument, Span } from "./source.ts";

const TOP = /^([A-Za-z$][\w-]*):(?: +(.*?))? *$/;
const ENTRY = /^  ([A-Za-z$_][\w.$/-]*|"(?:[^"\\]|\\.)*"): +(.*?) *$/;
const PLAIN = /^[A-Za-z][A-Za-z0-9 ./@_-]*$/;
const AMBIGUOUS = /^(?:true|false|null|yes|no|on|off|y|n|nan|inf|infinity)$/i;

interface EntryPlace {
  readonly key: Span;
  readonly valueStart: number;
}

/** `undefined`: not of this form. */
export function parseCompact(path: string, text: string): SourceDocument | undefined {
  const root: Record<string, unknown> = {};
  const places = new Map<string, EntryPlace>();
  let section: Record<string, unknown> | undefined;
  let sectionName = "";
  for (let start = 0; start < text.length;) {
    let end = text.indexOf("\n", start);
    if (end < 0) end = text.length;
    const line = text.slice(start, end);
    const lineStart = start;
    start = end + 1;
    if (/^\s*(#.*)?$/.test(line)) continue;
    const nested = line.startsWith("  ");
    const match = (nested ? ENTRY : TOP).exec(line);
    if (match === null) return undefined;
    const name = keyOf(match[1] ?? "");
    const rest = match[2] ?? "";
    const target = nested ? section : root;
    if (target === undefined || name === undefined || Object.hasOwn(target, name)) return undefined;
    const keyStart = lineStart + (nested ? 2 : 0);
    places.set(nested ? `${sectionName}\n${name}` : name, {
      key: { start: keyStart, end: keyStart + (match[1] ?? "").length },
      valueStart: lineStart + line.lastIndexOf(rest),
    });
    if (!nested && rest === "") {
      section = {};
      sectionName = name;
      root[name] = section;
      continue;
    }
    const value = valueOf(rest);
    if (value === undefined) return undefined;
    target[name] = value.value;
    if (!nested) section = undefined;
  }
  return new CompactDocument(path, text, root, places);
}

function keyOf(text: string): string | undefined {
  const key = text.startsWith('"') ? JSON.parse(text) as string : text;
  return key === "__proto__" ? undefined : key;
}

function valueOf(text: string): { value: unknown } | undefined {
  if (PLAIN.test(text)) return AMBIGUOUS.test(text) ? undefined : { value: text };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

class CompactDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: Record<string, unknown>;
  readonly #places: ReadonlyMap<string, EntryPlace>;
  #parents: Map<unknown, { container: unknown; key: Key }> | undefined;

  constructor(
    path: string,
    text: string,
    value: Record<string, unknown>,
    places: ReadonlyMap<string, EntryPlace>,
  ) {
    this.path = path;
    this.text = text;
    this.value = value;
    this.#places = places;
  }

  #find(container: unknown, key: Key | undefined): { entry: EntryPlace; rest: Key[] } | undefined {
    const path = pathTo(this.#parents ??= parentsOf(this.value), container);
    if (key !== undefined) path.push(key);
    const deep = this.#places.get(`${path[0]}\n${path[1]}`);
    if (deep !== undefined && path.length > 1) return { entry: deep, rest: path.slice(2) };
    const entry = this.#places.get(String(path[0]));
    return entry === undefined ? undefined : { entry, rest: path.slice(1) };
  }

  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span {
    const found = this.#find(container, key);
    if (found === undefined) return { start: 0, end: 1 };
    const { entry, rest } = found;
    if (rest.length === 0 && part === "key") return entry.key;
    const first = this.text[entry.valueStart] ?? "";
    if (!'{["'.includes(first) && !/[-\d]/.test(first)) {
      const end = this.text.indexOf("\n", entry.valueStart);
      return { start: entry.valueStart, end: end < 0 ? this.text.length : end };
    }
    return scanJson(this.text, entry.valueStart, rest).place[part];
  }

  near(container: unknown, key: Key | undefined): Span {
    return this.#find(container, key)?.entry.key ?? { start: 0, end: 1 };
  }
}
