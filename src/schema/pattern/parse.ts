/** A pattern of a schema (ECMAScript, with `u`) as a tree, where it stays within what can be matched in linear time. */

export type Pattern =
  /** One character: `source` as the pattern writes it. */
  | { readonly kind: "one"; readonly source: string }
  /** `^`, `$`, `\b`, `\B`. */
  | { readonly kind: "at"; readonly what: string }
  | { readonly kind: "all"; readonly parts: readonly Pattern[] }
  | { readonly kind: "any"; readonly ways: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly min: number; readonly max: number };

class Foreign extends Error {}

const CHARACTER =
  /\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u\{[\da-fA-F]+\}|\\u[\da-fA-F]{4}|\\x[\da-fA-F]{2}|\\c[A-Za-z]|\\[pP]\{[^}]*\}|\\[^1-9kbBupPxc]|\[(?:\\[^]|[^\]\\])*\]|[^\\^$.*+?()[\]{}|]|\./uy;
const AT = /\\[bB]|[\^$]/y;
const GROUP = /\((?:\?:|\?<(?![=!])[^>]*>|(?!\?))/y;
const COUNT = /([*+?]|\{\d+(?:,\d*)?\})\??/y;

/** Undefined: it looks around or back, or is not a pattern. */
export function parsePattern(source: string): Pattern | undefined {
  let at = 0;
  const take = (what: RegExp): string | undefined => {
    what.lastIndex = at;
    const found = what.exec(source)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };

  function ways(): Pattern {
    const found = [all()];
    while (source[at] === "|") {
      at++;
      found.push(all());
    }
    return found.length === 1 ? found[0] as Pattern : { kind: "any", ways: found };
  }

  function all(): Pattern {
    const parts: Pattern[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") {
      parts.push(counted(part()));
    }
    return { kind: "all", parts };
  }

  function part(): Pattern {
    const what = take(AT);
    if (what !== undefined) return { kind: "at", what };
    const one = take(CHARACTER);
    if (one !== undefined) return { kind: "one", source: one };
    if (take(GROUP) === undefined) throw new Foreign();
    const inner = ways();
    if (source[at++] !== ")") throw new Foreign();
    return inner;
  }

  function counted(part: Pattern): Pattern {
    const count = take(COUNT);
    if (count === undefined) return part;
    const [, least, comma, most] = /^\{(\d+)(,?)(\d*)\}/.exec(count) ?? [];
    if (least === undefined) {
      return {
        kind: "repeat",
        part,
        min: count[0] === "+" ? 1 : 0,
        max: count[0] === "?" ? 1 : Infinity,
      };
    }
    const max = comma === "" ? least : most || Infinity;
    return { kind: "repeat", part, min: Number(least), max: Number(max) };
  }

  try {
    const whole = ways();
    return at === source.length ? whole : undefined;
  } catch (error) {
    // Nested deeper than the stack: as one that cannot be read.
    if (error instanceof Foreign || error instanceof RangeError) return undefined;
    throw error;
  }
}
