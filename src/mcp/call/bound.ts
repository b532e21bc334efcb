/** An answer that is too long, cut so that what is left is still whole JSON, and a note of what is missing where. */

export interface Cut {
  /** A selector: `items`, `items[0].body`, `$` for all of it. */
  readonly path: string;
  /** How much of it is here: items, entries or characters. */
  readonly shown: number;
  readonly of: number;
}

export interface Bounded {
  readonly part: unknown;
  readonly cut: readonly Cut[];
}

/** Deeper than what anybody reads. */
const MAX_DEPTH = 64;
/** What a place in a list costs besides its value: a comma. */
const SEPARATOR = 1;
/** Below this a text or an object is not worth beginning. */
const LEAST = 16;

/** `maxChars` is of the part as JSON; it may be missed by a few, never by a value. */
export function bound(value: unknown, maxChars: number): Bounded {
  const cuts: Cut[] = [];
  return { part: shorten(value, maxChars, [], cuts), cut: cuts };
}

type Path = readonly (string | number)[];

function shorten(value: unknown, room: number, path: Path, cuts: Cut[]): unknown {
  if (chars(value, path.length, room) <= room) return value;
  if (path.length > MAX_DEPTH) {
    cuts.push({ path: textOf(path), shown: 0, of: 1 });
    return null;
  }
  if (typeof value === "string") {
    const shown = safeEnd(value, Math.max(0, room - 2));
    cuts.push({ path: textOf(path), shown, of: value.length });
    return value.slice(0, shown);
  }
  if (Array.isArray(value)) return shortenList(value, room, path, cuts);
  return typeof value === "object" && value !== null
    ? shortenObject(value, room, path, cuts)
    : value;
}

/** Whole items as long as there is room; only a first one that is too long itself is shortened. */
function shortenList(list: readonly unknown[], room: number, path: Path, cuts: Cut[]): unknown[] {
  const shown: unknown[] = [];
  let left = room - 2;
  for (const item of list) {
    const size = chars(item, path.length + 1, left) + SEPARATOR;
    if (size > left) break;
    shown.push(item);
    left -= size;
  }
  if (shown.length === 0 && canBeCut(list[0]) && left > LEAST) {
    shown.push(shorten(list[0], left, [...path, 0], cuts));
  }
  if (shown.length < list.length) {
    cuts.push({ path: textOf(path), shown: shown.length, of: list.length });
  }
  return shown;
}

/** Short values stay whole; what is left of the room is shared by the long ones. */
function shortenObject(value: object, room: number, path: Path, cuts: Cut[]): object {
  const sized = Object.entries(value).filter(([, inner]) => inner !== undefined).map((
    [key, inner],
  ) => ({ key, inner, size: chars(inner, path.length + 1, room) + keyChars(key) }));
  const shares = new Map<string, number>();
  let left = room - 2;
  let waiting = sized.length;
  for (const { key, size } of sized.toSorted((a, b) => a.size - b.size)) {
    const share = Math.min(size, Math.floor(left / waiting--));
    shares.set(key, share);
    left -= share;
  }
  const shown: [string, unknown][] = [];
  for (const { key, inner, size } of sized) {
    const share = shares.get(key) ?? 0;
    if (share >= size) shown.push([key, inner]);
    else if (canBeCut(inner) && share - keyChars(key) > LEAST) {
      shown.push([key, shorten(inner, share - keyChars(key), [...path, key], cuts)]);
    }
  }
  if (shown.length < sized.length) {
    cuts.push({ path: textOf(path), shown: shown.length, of: sized.length });
  }
  return Object.fromEntries(shown);
}

/** Of the value as JSON; Infinity where that is more than `most` or nested too deeply, which is then not looked at any further. */
function chars(value: unknown, depth: number, most: number): number {
  if (depth > MAX_DEPTH) return Infinity;
  if (typeof value === "string") {
    return value.length > most ? Infinity : JSON.stringify(value).length;
  }
  if (typeof value !== "object" || value === null) return String(value).length;
  let sum = 2;
  for (const [key, inner] of entriesOf(value)) {
    if (inner === undefined) continue;
    sum += chars(inner, depth + 1, most - sum) + (key === undefined ? SEPARATOR : keyChars(key));
    if (sum > most) return Infinity;
  }
  return sum;
}

function canBeCut(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null);
}

/** With its quotes, a colon and a comma. */
function keyChars(key: string): number {
  return JSON.stringify(key).length + 2;
}

function* entriesOf(value: object): Generator<[key: string | undefined, inner: unknown]> {
  if (Array.isArray(value)) { for (const item of value) yield [undefined, item]; }
  else for (const key of Object.keys(value)) yield [key, (value as Record<string, unknown>)[key]];
}

/** How much of a text fits into so many characters of JSON, without half of a pair at its end. */
function safeEnd(text: string, room: number): number {
  let end = Math.min(text.length, room);
  while (end > 0 && JSON.stringify(text.slice(0, end)).length - 2 > room) {
    end = Math.min(
      end - 1,
      Math.floor(end * room / (JSON.stringify(text.slice(0, end)).length - 2)),
    );
  }
  return end > 0 && /[\uD800-\uDBFF]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

export function textOf(path: Path): string {
  const text = path.map((part) =>
    typeof part === "number"
      ? `[${part}]`
      : /^[A-Za-z_][\w-]*$/.test(part)
      ? `.${part}`
      : `[${JSON.stringify(part)}]`
  ).join("");
  return text === "" ? "$" : text.startsWith(".") ? text.slice(1) : `$${text}`;
}
