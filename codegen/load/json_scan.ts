/** A JSON scanner with offsets: finds the position of a path, or where the text stops being JSON. */
import type { Key, Span } from "./source.ts";

export class JsonSyntaxError extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.name = "JsonSyntaxError";
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/** The position of a path: the span of the last key (or element) and that of its value. */
export interface JsonPlace {
  readonly key: Span;
  readonly value: Span;
}

/** Duplicate keys found on the way, which JSON.parse accepts but nobody intends. */
export type OnDuplicate = (key: string, span: Span) => void;

/** Called for every child with its position. `path` is reused: copy it to keep it. */
export type OnPlace = (path: readonly Key[], place: JsonPlace) => void;

/** Scans the value at `start`. `path` selects what is returned; the deepest existing place is used. */
export function scanJson(
  text: string,
  start: number,
  path: readonly Key[],
  onDuplicate?: OnDuplicate,
  onPlace?: OnPlace,
): { place: JsonPlace; end: number } {
  let at = start;
  let place: JsonPlace = { key: { start, end: start + 1 }, value: { start, end: start + 1 } };

  const here: Key[] = [];
  const space = (): void => {
    while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  };
  const fail = (message: string): never => {
    throw new JsonSyntaxError(at, message);
  };
  const sticky = (pattern: RegExp, what: string): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return fail(`${what} expected`);
    at += match[0].length;
    return match[0];
  };
  const value = (depth: number, wanted: boolean, key: Span | undefined): void => {
    if (depth > 2000) fail("nested too deeply");
    space();
    const from = at;
    const child = (name: Key, keySpan: Span | undefined): void => {
      here.push(name);
      value(depth + 1, wanted && path[depth] === name, keySpan);
      here.pop();
    };
    const first = text[at];
    if (first === "{") {
      at++;
      const seen = onDuplicate === undefined ? undefined : new Set<string>();
      for (space(); text[at] !== "}";) {
        const keyStart = at;
        const name = JSON.parse(sticky(STRING, "a property name in double quotes")) as string;
        const keySpan = { start: keyStart, end: at };
        if (seen?.has(name)) onDuplicate?.(name, keySpan);
        seen?.add(name);
        space();
        if (text[at] !== ":") fail('":" expected');
        at++;
        child(name, keySpan);
        space();
        if (text[at] === ",") {
          at++;
          space();
          if (text[at] === "}") fail("a property name expected after the comma");
        } else if (text[at] !== "}") fail('"," or "}" expected');
      }
      at++;
    } else if (first === "[") {
      at++;
      for (let index = (space(), 0); text[at] !== "]"; index++) {
        child(index, undefined);
        space();
        if (text[at] === ",") {
          at++;
          space();
          if (text[at] === "]") fail("a value expected after the comma");
        } else if (text[at] !== "]") fail('"," or "]" expected');
      }
      at++;
    } else if (first === '"') sticky(STRING, "a string");
    else if (text.startsWith("true", at)) at += 4;
    else if (text.startsWith("false", at)) at += 5;
    else if (text.startsWith("null", at)) at += 4;
    else sticky(NUMBER, "a JSON value");
    const span = { start: from, end: at };
    onPlace?.(here, { key: key ?? span, value: span });
    // Children finish first: only the deepest wanted place is set, and its ancestors must not overwrite it.
    if (wanted && depth > deepest) {
      deepest = depth;
      place = { key: key ?? span, value: span };
    }
  };
  let deepest = -1;
  value(0, true, undefined);
  return { place, end: at };
}
