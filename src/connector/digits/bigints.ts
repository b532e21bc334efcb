/** `as: bigint`: the text of whole numbers becomes a `bigint` where a table says so. */
import type { DigitNode, DigitTable } from "../data/digits.ts";
import { childAt } from "./scan.ts";

/** Beyond any integer format; reading more of them takes a time that grows with the square of their number. */
const MOST_DIGITS = 400;
const CANONICAL = /^-?(?:0|[1-9]\d*)$/;

type Container = Record<string | number, unknown>;

/** Changes the value, which has just been parsed, in place: nobody else has it. */
export function withBigints(value: unknown, table: DigitTable, root: number): unknown {
  const open: [value: Container, node: DigitNode][] = [];
  const changed = (one: unknown, index: number): unknown => {
    const node = table[index];
    if (node === undefined) return one;
    if (typeof one === "object" && one !== null) open.push([one as Container, node]);
    return node.self === "bigint" && typeof one === "string" && isWhole(one) ? BigInt(one) : one;
  };
  const result = changed(value, root);
  // Not by recursion: an answer may be nested deeper than the stack.
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [within, node] = next;
    for (const key of Object.keys(within)) {
      const index = childAt(node, key);
      if (index !== undefined) within[key] = changed(within[key], index);
    }
  }
  return result;
}

function isWhole(text: string): boolean {
  return text.length <= MOST_DIGITS && CANONICAL.test(text);
}
