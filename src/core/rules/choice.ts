/** Lists of what is allowed and what is denied. */
import { invalidRequest } from "../errors.ts";

/** Without `allow`, everything is allowed; an empty one allows nothing. `deny` wins. */
export interface Choice {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** The list that forbids something; undefined: it is allowed. */
export type Verdict = "allow" | "deny" | undefined;

/** @throws ConnectorError `config.option` for anything that is not lists. */
export function choose<T>(
  choice: Choice,
  compile: (entry: string) => (value: T) => boolean,
): (value: T) => Verdict {
  if (!isChoice(choice)) {
    throw invalidRequest(
      "config.option",
      `What is allowed is given as lists, like { allow: ["a"], deny: ["b"] }, found ${
        JSON.stringify(choice)?.slice(0, 60)
      }`,
    );
  }
  const { allow, deny } = choice;
  const allowed = allow?.map(compile);
  const denied = (deny ?? []).map(compile);
  return (value) => {
    if (denied.some((fits) => fits(value))) return "deny";
    return allowed === undefined || allowed.some((fits) => fits(value)) ? undefined : "allow";
  };
}

/** A list in any other place would not be seen, and so allow everything. */
function isChoice(value: unknown): value is Choice {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, list]) =>
    list === undefined ||
    ((name === "allow" || name === "deny") && Array.isArray(list) &&
      list.every((one) => typeof one === "string"))
  );
}

/** `*` matches any characters, or none. */
export function pattern(entry: string): (text: string) => boolean {
  return inOrder(entry.split("*"));
}

/** Whether a text consists of these parts, with any characters, or none, between them. */
export function inOrder(parts: readonly string[]): (text: string) => boolean {
  const [first = ""] = parts;
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1) ?? "";
  const middle = parts.slice(1, -1);
  // Written by hand: a regular expression with many `*` takes time that grows with a power of the text's length.
  return (text) => {
    if (text.length < first.length + last.length) return false;
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return at <= text.length - last.length;
  };
}

/** @throws ConnectorError `config.option` for anything that is not a method. */
export function methodPattern(entry: string): (method: string) => boolean {
  if (!/^[A-Za-z*]+$/.test(entry)) {
    throw invalidRequest("config.option", `${JSON.stringify(entry)} is not a method like GET or *`);
  }
  return pattern(entry.toUpperCase());
}
