/** Patterns that `RegExp` may be slow with, as formats of the validator, which are functions. */
import { format } from "@cfworker/json-schema";
import { textTest } from "./pattern.ts";

const PREFIX = "pattern ";

/** The name of the format that the pattern is from now on. */
export function patternFormat(source: string): string {
  const name = PREFIX + source;
  if (!Object.hasOwn(format, name)) {
    const matcher = textTest(source);
    format[name] = (text) => matcher.test(text);
  }
  return name;
}

/** The pattern that a format stands for; undefined: it is an ordinary format. */
export function patternOf(name: unknown): string | undefined {
  return typeof name === "string" && name.startsWith(PREFIX)
    ? name.slice(PREFIX.length)
    : undefined;
}
