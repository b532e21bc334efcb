/** OpenAPI Overlays 1.0 to 1.2: actions on the places of a document that a JSONPath (RFC 9535) selects. */
import { invalidRequest } from "../../../../src/core/errors.ts";
import { decodePointer } from "../../../load/workspace.ts";
import { DEFAULT_LIMITS } from "../../../load/limits.ts";
import { parseText } from "../../../load/read.ts";
import { type Key, LineIndex, type SourceDocument } from "../../../load/source.ts";
import type { Losses } from "../loss.ts";
import { isObject, list, type Obj, object, text } from "../value.ts";

export interface OverlayFile {
  /** For messages. */
  readonly path: string;
  readonly text: string;
}

type Mutable = Record<Key, unknown>;

/** Where a selected value stands. The document itself has no place. */
interface Selected {
  readonly value: unknown;
  readonly holder: Mutable | undefined;
  readonly key: Key;
}

type Select = (root: unknown, path: string) => readonly Selected[];

/**
 * Applies the actions of each file in order, to the document itself.
 * @throws ConnectorError `import.overlay`, with file, line and target of each action that is wrong.
 */
export async function applyOverlays(
  document: Obj,
  files: readonly OverlayFile[],
  losses: Losses,
): Promise<void> {
  const select = await selector();
  for (const file of files) {
    const overlay = new Overlay(file, losses);
    overlay.apply(document as Mutable, select);
    if (overlay.mistakes.length > 0) {
      throw invalidRequest("import.overlay", overlay.mistakes.join("\n"));
    }
  }
}

async function selector(): Promise<Select> {
  const { exec } = await import("jsonpath-rfc9535");
  return (root, path) => {
    const found: Selected[] = [];
    // A path may select a place more than once.
    const seen = new Map<unknown, Set<Key>>();
    exec(root as Parameters<typeof exec>[0], path, (value, steps) => {
      const holder = steps.length === 0
        ? undefined
        : steps.slice(0, -1).reduce<unknown>((at, step) => (at as Mutable)[step], root);
      const key = steps.at(-1) ?? "";
      const keys = seen.get(holder) ?? new Set();
      seen.set(holder, keys);
      if (!keys.has(key)) found.push({ value, holder: holder as Mutable | undefined, key });
      keys.add(key);
    });
    return found;
  };
}

class Overlay {
  readonly mistakes: string[] = [];
  readonly #path: string;
  readonly #losses: Losses;
  readonly #document: SourceDocument | undefined;
  readonly #lines: LineIndex;

  constructor({ path, text: source }: OverlayFile, losses: Losses) {
    this.#path = path;
    this.#losses = losses;
    this.#lines = new LineIndex(source);
    const { document, problems } = parseText(path, source, DEFAULT_LIMITS);
    this.#document = document;
    for (const { span, message } of problems) this.#wrong(span.start, message);
  }

  apply(root: Mutable, select: Select): void {
    if (this.#document === undefined || this.mistakes.length > 0) return;
    const overlay = object(this.#document.value);
    const version = String(overlay["overlay"]);
    if (!/^1\.[012](\.|$)/.test(version)) {
      const found = overlay["overlay"] === undefined ? "It has no `overlay`" : `It is ${version}`;
      return this.#wrong(0, `${found}: Overlays 1.0 to 1.2 are read.`);
    }
    const { actions } = overlay;
    if (!Array.isArray(actions)) return this.#wrong(0, "It has no list of `actions`.");
    for (const [index, action] of actions.entries()) {
      this.#act(root, action, { overlay, actions, index, select });
    }
  }

  #act(root: Mutable, given: unknown, at: Place): void {
    if (!isObject(given)) return this.#wrongAt(at, "An action is a mapping.");
    const target = text(given["target"]);
    if (target === undefined) return this.#wrongAt(at, "The action has no `target`.");
    const said = (message: string): string => `\`${target}\`: ${message}`;
    const action = fieldsOf(given, at.overlay);
    if (action === undefined) {
      return this.#wrongAt(at, said(`there is no \`${String(given["$ref"])}\``));
    }
    let selected: readonly Selected[];
    try {
      selected = at.select(root, target);
    } catch (error) {
      return this.#wrongAt(at, said(`not a JSONPath: ${firstLine(error)}`));
    }
    if (selected.length === 0) {
      const { line } = this.#lines.at(this.#offset(at));
      this.#losses.add("overlay", `${this.#path}:${line}`, said("it selects nothing."));
      return;
    }
    try {
      if (action["remove"] === true) return remove(selected);
      const update = action["update"] === undefined
        ? copied(root, action["copy"], at.select)
        : action["update"];
      for (const one of selected) merge(one, update);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      this.#wrongAt(at, said(error.message));
    }
  }

  #offset({ actions, index }: Place): number {
    return this.#document?.span(actions, index, "value").start ?? 0;
  }

  #wrongAt(at: Place, message: string): void {
    this.#wrong(this.#offset(at), message);
  }

  #wrong(offset: number, message: string): void {
    const { line, column } = this.#lines.at(offset);
    this.mistakes.push(`${this.#path}:${line}:${column}: ${message}`);
  }
}

interface Place {
  readonly overlay: Obj;
  readonly actions: readonly unknown[];
  readonly index: number;
  readonly select: Select;
}

class Misfit extends Error {}

/** With 1.2 an action may have its fields from `components.actions`. */
function fieldsOf(action: Obj, overlay: Obj): Obj | undefined {
  const ref = text(action["$ref"]);
  if (ref === undefined) return action;
  const name = /^#\/components\/actions\/([^/]+)$/.exec(ref)?.[1];
  const reusable = object(object(overlay["components"])["actions"]);
  const found = name === undefined ? undefined : reusable[decodePointer(name)];
  const { fields } = object(found);
  return isObject(fields) ? fields : undefined;
}

function copied(root: unknown, path: unknown, select: Select): unknown {
  if (path === undefined) throw new Misfit("it has none of `update`, `remove` and `copy`");
  if (typeof path !== "string") throw new Misfit("`copy` is a JSONPath");
  let found: readonly Selected[];
  try {
    found = select(root, path);
  } catch (error) {
    throw new Misfit(`\`copy\` is not a JSONPath: ${firstLine(error)}`);
  }
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Misfit(`\`copy\` selects ${found.length} places, not one: ${path}`);
  }
  return structuredClone(only.value);
}

/** In whatever order they were selected, from the end of each list, so that places in it stay what they were. */
function remove(selected: readonly Selected[]): void {
  const place = ({ holder, key }: Selected) => Array.isArray(holder) ? Number(key) : 0;
  for (const { holder, key } of selected.toSorted((a, b) => place(b) - place(a))) {
    if (holder === undefined) throw new Misfit("the whole document cannot be removed");
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  }
}

function merge({ value, holder, key }: Selected, update: unknown): void {
  if (Array.isArray(value)) {
    value.push(...structuredClone(Array.isArray(update) ? update : [update]) as unknown[]);
  } else if (isObject(value)) {
    if (!isObject(update)) throw new Misfit("it selects a mapping, so `update` has to be one");
    mergeInto(value as Mutable, update);
  } else {
    if (typeof update === "object" && update !== null) {
      throw new Misfit("it selects a single value, so `update` has to be one");
    }
    if (holder !== undefined) holder[key] = update;
  }
}

function mergeInto(target: Mutable, update: Obj): void {
  for (const [key, value] of Object.entries(update)) {
    if (key === "__proto__") continue;
    const before = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isObject(before) && isObject(value)) mergeInto(before as Mutable, value);
    else if (Array.isArray(before) && Array.isArray(value)) {
      before.push(...structuredClone(list(value)));
    } else target[key] = structuredClone(value);
  }
}

function firstLine(error: unknown): string {
  const { message } = error as Error;
  const { location } = error as { location?: { start: { column: number } } };
  const at = location === undefined ? "" : ` (at character ${location.start.column})`;
  return `${message.split("\n")[0]}${at}`;
}
