/** Walks a JSON text without parsing it, as `JSON.parse` has already rounded a long number when a program first sees it. */
import type { DigitNode, DigitTable } from "../data/digits.ts";

export type Path = readonly (string | number)[];

/** A string, with its quotes, or a number → what is written in its place. */
export type Change = (token: string, path: Path) => string;

interface Open {
  readonly node: DigitNode | undefined;
  readonly isList: boolean;
  key: string | number;
}

const NUMBER = /-?\d[\d.eE+-]*/y;

/**
 * Changes strings and numbers at the places below `root`. All else stays as it is, mistakes too: the parser reports them.
 * Context (`source`) in the reviver of `JSON.parse` would do the same, without the path and not on Node 20.
 */
export function changeAt(text: string, table: DigitTable, root: number, change: Change): string {
  const open: Open[] = [];
  let node: DigitNode | undefined = table[root];
  let isKey = false;
  let out = "";
  let done = 0;
  let at = 0;
  const value = (end: number): void => {
    if (node?.self) {
      out += text.slice(done, at) + change(text.slice(at, end), open.map(({ key }) => key));
      done = end;
    }
    at = end;
  };
  while (at < text.length) {
    const char = text[at] as string;
    const top = open.at(-1);
    if (char === '"') {
      const end = endOfString(text, at);
      if (isKey && top !== undefined) {
        if (top.node !== undefined) {
          top.key = JSON.parse(text.slice(at, end)) as string;
          node = below(table, top);
        }
        isKey = false;
        at = end;
      } else value(end);
    } else if (char === "-" || (char >= "0" && char <= "9")) {
      NUMBER.lastIndex = at;
      value(NUMBER.test(text) ? NUMBER.lastIndex : at + 1);
    } else {
      at++;
      if (char === "{" || char === "[") {
        const next: Open = { node, isList: char === "[", key: 0 };
        open.push(next);
        isKey = !next.isList;
        node = next.isList ? below(table, next) : undefined;
      } else if (char === "}" || char === "]") {
        open.pop();
        node = undefined;
        isKey = false;
      } else if (char === "," && top !== undefined) {
        if (top.isList) top.key = Number(top.key) + 1;
        node = top.isList ? below(table, top) : undefined;
        isKey = !top.isList;
      }
    }
  }
  return done === 0 ? text : out + text.slice(done);
}

function below(table: DigitTable, { node, key }: Open): DigitNode | undefined {
  const index = childAt(node, key);
  return index === undefined ? undefined : table[index];
}

/** Undefined if there is nothing below that. */
export function childAt(node: DigitNode | undefined, key: string | number): number | undefined {
  const own = node?.at !== undefined && Object.hasOwn(node.at, key) ? node.at[key] : node?.all;
  return own ?? undefined;
}

function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === "\\") slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return text.length;
}
