/**
 * The patterns of schemas, which come from documents of others, on texts, which come from callers: `RegExp` tries one way after
 * the other, and for some pairs of the two that takes longer than anyone waits, while nothing else can be done.
 */
import { matcherOf } from "./match.ts";
import { parsePattern, type Pattern } from "./parse.ts";

export interface TextTest {
  test(text: string): boolean;
}

/** More choices than these, one within the other or in a row, double the work each. */
const MOST_CHOICES = 10;
/** A count up to here only multiplies the work by as much. */
const FEW = 10;

/** Whether `RegExp` alone may take more than a time that grows with the length of the text. */
export function isSlow(source: string): boolean {
  return slow.get(source) ?? remember(source);
}

/** @throws SyntaxError if it is not a pattern. */
export function textTest(source: string): TextTest {
  const regex = new RegExp(source, "u");
  if (!isSlow(source)) return regex;
  const pattern = parsePattern(source);
  const test = pattern && matcherOf(pattern);
  return test === undefined ? regex : { test };
}

const slow = new Map<string, boolean>();

function remember(source: string): boolean {
  const pattern = parsePattern(source);
  const is = pattern !== undefined && matchable(source) && needsCare(pattern);
  slow.set(source, is);
  return is;
}

function matchable(source: string): boolean {
  try {
    return new RegExp(source, "u").unicode;
  } catch {
    return false;
  }
}

function needsCare(pattern: Pattern): boolean {
  let large = 0;
  let choices = 0;
  let nested = false;
  const walk = (at: Pattern, times: number, within: boolean): void => {
    if (at.kind === "all") { for (const part of at.parts) walk(part, times, within); }
    else if (at.kind === "any") {
      choices += times;
      nested ||= within;
      for (const way of at.ways) walk(way, times, within);
    } else if (at.kind === "repeat") {
      const isLarge = at.max > FEW;
      const varies = at.min !== at.max;
      nested ||= within && varies;
      if (isLarge && varies) large++;
      else if (varies) choices += times;
      walk(at.part, isLarge ? times : times * Math.max(1, at.max), within || isLarge);
    }
  };
  walk(pattern, 1, false);
  return nested || choices > MOST_CHOICES || large > 1 || (large === 1 && !isAnchored(pattern));
}

/** Else `RegExp` begins anew at each character. */
function isAnchored(pattern: Pattern): boolean {
  if (pattern.kind === "at") return pattern.what === "^";
  if (pattern.kind === "any") return pattern.ways.every(isAnchored);
  return pattern.kind === "all" && pattern.parts[0] !== undefined && isAnchored(pattern.parts[0]);
}
