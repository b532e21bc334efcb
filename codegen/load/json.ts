/** JSON files, read by the fast native parser; positions are only searched if a message needs one. */
import { type JsonPlace, JsonSyntaxError, scanJson } from "./json_scan.ts";
import type { Key, Parsed, SourceDocument, Span } from "./source.ts";

/** Larger files are only scanned if a message needs a position. */
const INDEX_UP_TO = 1_000_000;

export function parseJsonDocument(path: string, text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: [syntaxProblem(text)] };
  }
  return { document: new JsonDocument(path, text, value), problems: [] };
}

function syntaxProblem(text: string): Parsed["problems"][number] {
  let offset = 0;
  let message = "this is not JSON";
  try {
    const { end } = scanJson(text, 0, []);
    offset = text.slice(end).search(/\S/) + end;
    message = "text after the end of the JSON value";
  } catch (error) {
    if (error instanceof JsonSyntaxError) ({ offset, message } = error);
    else message = "nested too deeply";
  }
  return {
    code: "VC1004",
    span: { start: Math.max(0, offset), end: offset + 1 },
    message: `Not valid JSON: ${message}.`,
    help: "Write standard JSON: double quotes, no comments, no comma before a closing bracket.",
  };
}

class JsonDocument implements SourceDocument {
  readonly path: string;
  readonly text: string;
  readonly value: unknown;
  #parents: Map<unknown, { container: unknown; key: Key }> | undefined;
  #places: Map<unknown, Map<Key, JsonPlace>> | undefined;

  constructor(path: string, text: string, value: unknown) {
    this.path = path;
    this.text = text;
    this.value = value;
  }

  span(container: unknown, key: Key | undefined, part: "key" | "value"): Span {
    const known = key === undefined || this.text.length > INDEX_UP_TO
      ? undefined
      : (this.#places ??= placesOf(this.text, this.value)).get(container)?.get(key);
    if (known !== undefined) return known[part];
    const path = pathTo(this.#parents ??= parentsOf(this.value), container);
    if (key !== undefined) path.push(key);
    return scanJson(this.text, 0, path).place[part];
  }

  near(container: unknown, key: Key | undefined): Span {
    return this.text.length > INDEX_UP_TO ? { start: 0, end: 1 } : this.span(container, key, "key");
  }
}

/** By container and key. One scan, as the model needs the position of every operation and type. */
function placesOf(text: string, root: unknown): Map<unknown, Map<Key, JsonPlace>> {
  const places = new Map<unknown, Map<Key, JsonPlace>>();
  scanJson(text, 0, [], undefined, (path, place) => {
    const key = path.at(-1);
    if (key === undefined) return;
    let container = root;
    for (const step of path.slice(0, -1)) container = (container as Record<Key, unknown>)[step];
    let own = places.get(container);
    if (own === undefined) places.set(container, own = new Map());
    own.set(key, place);
  });
  return places;
}

/** Each object and list of a value with its position. */
export function parentsOf(root: unknown): Map<unknown, { container: unknown; key: Key }> {
  const parents = new Map<unknown, { container: unknown; key: Key }>();
  const open: unknown[] = [root];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value !== "object" || value === null) continue;
    const list = Array.isArray(value);
    for (const [key, child] of Object.entries(value)) {
      if (typeof child !== "object" || child === null || parents.has(child)) continue;
      parents.set(child, { container: value, key: list ? Number(key) : key });
      open.push(child);
    }
  }
  return parents;
}

export function pathTo(
  parents: ReadonlyMap<unknown, { container: unknown; key: Key }>,
  container: unknown,
): Key[] {
  const path: Key[] = [];
  for (let up = parents.get(container); up !== undefined; up = parents.get(up.container)) {
    path.unshift(up.key);
  }
  return path;
}
