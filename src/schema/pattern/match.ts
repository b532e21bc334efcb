/**
 * Matches a text in a time that grows with its length alone: all places where the pattern may stand are followed at once, so
 * nothing is tried twice (Thompson's construction). What one character may be is still the runtime's own `RegExp` to say.
 */
import type { Pattern } from "./parse.ts";

type Step =
  | { readonly kind: "one"; readonly fits: (code: number) => boolean; readonly next: number }
  | { readonly kind: "at"; readonly what: string; readonly next: number }
  | { readonly kind: "split"; readonly ways: number[] }
  | { readonly kind: "end" };

/** A pattern that counts to more is left to `RegExp`. */
const MOST_STEPS = 5_000;

/** Undefined: it would take too much memory. */
export function matcherOf(pattern: Pattern): ((text: string) => boolean) | undefined {
  const steps: Step[] = [{ kind: "end" }];
  const tests = new Map<string, (code: number) => boolean>();
  const add = (step: Step): number => {
    if (steps.length >= MOST_STEPS) throw new RangeError("too many steps");
    return steps.push(step) - 1;
  };
  /** The step with which `part` begins, if `next` comes after it. */
  function place(part: Pattern, next: number): number {
    switch (part.kind) {
      case "one": {
        const fits = tests.get(part.source) ?? characterTest(part.source);
        tests.set(part.source, fits);
        return add({ kind: "one", fits, next });
      }
      case "at":
        return add({ kind: "at", what: part.what, next });
      case "all":
        return part.parts.reduceRight((after, one) => place(one, after), next);
      case "any":
        return add({ kind: "split", ways: part.ways.map((one) => place(one, next)) });
      case "repeat": {
        let after = next;
        if (part.max === Infinity) {
          const loop: number[] = [];
          after = add({ kind: "split", ways: loop });
          loop.push(place(part.part, after), next);
        } else {
          for (let n = part.min; n < part.max; n++) {
            after = add({ kind: "split", ways: [place(part.part, after), next] });
          }
        }
        for (let n = 0; n < part.min; n++) after = place(part.part, after);
        return after;
      }
    }
  }
  let first: number;
  try {
    first = place(pattern, 0);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return (text) => matches(steps, first, text);
}

function matches(steps: readonly Step[], first: number, text: string): boolean {
  /** When a step was last reached: once at each place in the text is enough. */
  const reached = new Int32Array(steps.length).fill(-1);
  const open: number[] = [];
  let now: number[] = [];
  let then: number[] = [];
  const reach = (start: number, at: number, into: number[]): boolean => {
    open.push(start);
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (reached[index] === at) continue;
      reached[index] = at;
      const step = steps[index] as Step;
      if (step.kind === "end") return true;
      if (step.kind === "one") into.push(index);
      else if (step.kind === "split") open.push(...step.ways);
      else if (holds(step.what, text, at)) open.push(step.next);
    }
    return false;
  };
  for (let at = 0;; at++) {
    if (reach(first, at, now)) return true;
    const code = text.codePointAt(at);
    if (code === undefined) return false;
    const after = at + (code > 0xffff ? 2 : 1);
    for (const index of now) {
      const step = steps[index] as Step;
      if (step.kind === "one" && step.fits(code) && reach(step.next, after, then)) return true;
    }
    [now, then] = [then, now];
    then.length = 0;
    at = after - 1;
  }
}

function holds(what: string, text: string, at: number): boolean {
  if (what === "^") return at === 0;
  if (what === "$") return at === text.length;
  const edge = isWord(text, at - 1) !== isWord(text, at);
  return what === "\\b" ? edge : !edge;
}

function isWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57 || code >= 65 && code <= 90 || code === 95 ||
    code >= 97 && code <= 122;
}

function characterTest(source: string): (code: number) => boolean {
  const regex = new RegExp(`^${source}$`, "u");
  const ascii = Uint8Array.from(
    { length: 128 },
    (_, code) => regex.test(String.fromCodePoint(code)) ? 1 : 0,
  );
  return (code) => code < 128 ? ascii[code] === 1 : regex.test(String.fromCodePoint(code));
}
