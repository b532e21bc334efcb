/** A place in a spec: its value and its position. Sees through `$import` and overlays. */
import type { Key, SourceDocument } from "./source.ts";

export type ValueKind = "mapping" | "list" | "text" | "number" | "boolean" | "null";

/** Follows an `$import`; returns undefined after reporting one that is broken. */
export type FollowImport = (from: Cursor, target: unknown) => Cursor | undefined;

export function kindOf(value: unknown): ValueKind {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "mapping";
  return typeof value === "string" ? "text" : typeof value === "number" ? "number" : "boolean";
}

export class Cursor {
  readonly doc: SourceDocument;
  readonly value: unknown;
  /** The container of the value, for its position. */
  readonly container: unknown;
  readonly key: Key | undefined;
  /** Source of keys that it does not have itself: an imported or overlaid mapping. */
  readonly base: Cursor | undefined;
  /** Files and places passed on the way here, to detect circular imports. */
  readonly trail: readonly unknown[];
  readonly #follow: FollowImport;

  constructor(
    doc: SourceDocument,
    value: unknown,
    container: unknown,
    key: Key | undefined,
    follow: FollowImport,
    trail: readonly unknown[] = [],
    base?: Cursor,
  ) {
    this.doc = doc;
    this.value = value;
    this.container = container;
    this.key = key;
    this.base = base;
    this.trail = trail;
    this.#follow = follow;
  }

  static root(doc: SourceDocument, follow: FollowImport, trail: readonly unknown[] = []): Cursor {
    return new Cursor(doc, doc.value, doc.value, undefined, follow, trail).#imported();
  }

  get kind(): ValueKind {
    return kindOf(this.value);
  }

  over(base: Cursor): Cursor {
    return new Cursor(
      this.doc,
      this.value,
      this.container,
      this.key,
      this.#follow,
      this.trail,
      base,
    );
  }

  #child(key: Key): Cursor {
    const value = (this.value as Record<Key, unknown>)[key];
    const child = new Cursor(this.doc, value, this.value, key, this.#follow, this.trail);
    return child.#imported();
  }

  /** Itself, or the target of its `$import` with its own keys applied over it. */
  #imported(): Cursor {
    const value = this.value;
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, "$import")) {
      return this;
    }
    const target = this.#follow(this, (value as Record<string, unknown>)["$import"]);
    if (target === undefined) return Object.keys(value).length > 1 ? this : this.#empty();
    return Object.keys(value).length === 1 ? target : this.over(target);
  }

  /** After a failed import: a value that does not cause further messages. */
  #empty(): Cursor {
    return new Cursor(this.doc, IMPORT_FAILED, this.container, this.key, this.#follow, this.trail);
  }

  /** The child of a mapping, or undefined. */
  at(key: string): Cursor | undefined {
    const own = isMapping(this.value) && Object.hasOwn(this.value, key) && key !== "$import"
      ? this.#child(key)
      : undefined;
    const under = this.base?.at(key);
    if (own === undefined || under === undefined) return own ?? under;
    if (own.value === null) return undefined;
    return own.kind === "mapping" && under.kind === "mapping" ? own.over(under) : own;
  }

  /** Keys of a mapping in source order, imported ones first. Null over a key removes it. */
  keys(): string[] {
    const own = isMapping(this.value) ? Object.keys(this.value) : [];
    if (this.base === undefined) return own;
    const all = new Set([...this.base.keys(), ...own]);
    all.delete("$import");
    return [...all].filter((key) => this.at(key) !== undefined);
  }

  items(): Cursor[] {
    return Array.isArray(this.value) ? this.value.map((_, index) => this.#child(index)) : [];
  }

  /** The plain value, with imports and overlays resolved. */
  json(): unknown {
    if (this.base === undefined) return this.value;
    return Object.fromEntries(this.keys().map((key) => [key, this.at(key)?.json()]));
  }

  /** Another place of the same file. */
  elsewhere(value: unknown, container: unknown, key: Key): Cursor {
    return new Cursor(this.doc, value, container, key, this.#follow, this.trail);
  }

  /** Position of a child that may be missing, for messages about its key. */
  keyCursor(key: Key): Cursor {
    if (this.base !== undefined && isMapping(this.value) && !Object.hasOwn(this.value, key)) {
      return this.base.keyCursor(key);
    }
    const value = (this.value as Record<Key, unknown>)[key];
    return new Cursor(this.doc, value, this.value, key, this.#follow, this.trail);
  }
}

export const IMPORT_FAILED: Readonly<Record<string, unknown>> = Object.freeze({});

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
