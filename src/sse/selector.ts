/** `$.choices[0].delta.content` as a list of segments: keys, and places in a list (negative ones from its end). */
export type SelectorPath = readonly (string | number)[];

/** The value there; undefined where the path leads nowhere. Never reads inherited properties. */
export function select(path: SelectorPath, value: unknown): unknown {
  let at = value;
  for (const segment of path) {
    if (typeof at !== "object" || at === null) return undefined;
    if (typeof segment === "number") {
      if (!Array.isArray(at)) return undefined;
      at = at[segment < 0 ? at.length + segment : segment];
    } else {
      at = Object.hasOwn(at, segment) ? (at as Record<string, unknown>)[segment] : undefined;
    }
  }
  return at;
}

/**
 * A function for `$.choices[0].delta.content`, `$["odd key"]`, `$[-1]` or `$`. For selectors typed by people; generated
 * code carries the segments. Throws a SyntaxError that says where the text stops making sense.
 */
export function selector(text: string): (value: unknown) => unknown {
  const path = parseSelector(text);
  return (value) => select(path, value);
}

const SEGMENT = /\.([A-Za-z_$][\w$-]*)|\[(-?\d+)\]|\["((?:[^"\\]|\\.)*)"\]/y;

export function parseSelector(text: string): SelectorPath {
  if (!text.startsWith("$")) {
    throw new SyntaxError(
      `The selector ${JSON.stringify(text)} must start with $, as in $.choices[0].text`,
    );
  }
  const path: (string | number)[] = [];
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < text.length) {
    const at = SEGMENT.lastIndex;
    const match = SEGMENT.exec(text);
    if (match === null) {
      throw new SyntaxError(
        `The selector ${JSON.stringify(text)} cannot be read at character ${
          at + 1
        }: use .key, ["key"] or [0]`,
      );
    }
    if (match[1] !== undefined) path.push(match[1]);
    else if (match[2] !== undefined) path.push(Number(match[2]));
    else path.push(JSON.parse(`"${match[3] ?? ""}"`) as string);
  }
  return path;
}
