/** Values inside of values. */

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
