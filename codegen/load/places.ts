/** Where the lists and mappings of a document stand. */
import type { Key, Span } from "./source.ts";

export interface Place {
  readonly key: Span;
  readonly value: Span;
}

/** The position of a list or mapping, and of its children. */
export interface Inside {
  readonly span: Span;
  readonly children: ReadonlyMap<Key, Place>;
}

export type Places = ReadonlyMap<unknown, Inside>;

export const START: Span = { start: 0, end: 1 };
export const NONE: Inside["children"] = new Map();

/** Gives all lists and mappings in a value the place of what they are in. */
export function cover(places: Map<unknown, Inside>, value: unknown, holder: Inside): void {
  if (typeof value !== "object" || value === null || places.has(value)) return;
  places.set(value, holder);
  for (const key in value) cover(places, (value as Record<string, unknown>)[key], holder);
}
