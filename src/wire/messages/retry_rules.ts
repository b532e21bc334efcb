/**
 * The rules of a RetryPolicy, as JSON in one field: they are the same with every call of an operation, so each side converts a
 * list once and afterwards goes by the list, or by its text.
 */
import type { RetryRule, StatusRanges } from "../../core/policy.ts";

import type { Condition } from "../../core/rules/condition.ts";
import { wireError } from "../error.ts";
import { MAX_RULES_CHARACTERS } from "../limits.ts";

const texts = new WeakMap<readonly RetryRule[], string>();
const lists = new Map<string, readonly RetryRule[]>();
/** Connectors and versions of them are few; whoever sends more makes all of them be read anew. */
const MOST_LISTS = 128;

/** @throws `frame.oversize`. */
export function rulesText(rules: readonly RetryRule[]): string {
  let text = texts.get(rules);
  if (text === undefined) {
    text = JSON.stringify(rules);
    texts.set(rules, text);
  }
  if (text.length <= MAX_RULES_CHARACTERS) return text;
  throw wireError(
    "frame.oversize",
    `error rules of ${text.length} characters: the peer takes at most ${MAX_RULES_CHARACTERS}`,
  );
}

/** @throws `frame.malformed`. */
export function rulesOf(text: string): readonly RetryRule[] {
  const known = lists.get(text);
  if (known !== undefined) return known;
  if (text.length > MAX_RULES_CHARACTERS) throw malformed();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const list = many(value, ruleOf);
  if (lists.size >= MOST_LISTS) lists.clear();
  lists.set(text, list);
  return list;
}

const SAID: readonly RetryRule["retry"][] = ["default", "never", "idempotent", "always"];

/** Only what is known: a peer's value does not get into the engine as it is. */
function ruleOf(value: unknown): RetryRule {
  const { status, body, headers, retry } = object(value);
  return {
    ...(status !== undefined && { status: many(status, statusOf) }),
    ...(body !== undefined && { body: many(body, conditionOf) }),
    ...(headers !== undefined && { headers: many(headers, headerOf) }),
    // What a newer client says is none of this runtime's cases.
    retry: SAID.find((said) => said === retry) ?? "default",
  };
}

function statusOf(value: unknown): StatusRanges[number] {
  if (typeof value === "number") return value;
  const [from, to] = many(value, number);
  return [from ?? 0, to ?? 0];
}

function conditionOf(value: unknown): Condition {
  const { path, oneOf } = object(value);
  return {
    path: many(path, (step) => typeof step === "number" ? step : string(step)),
    oneOf: many(oneOf, (one) => {
      if (one === null || typeof one === "number" || typeof one === "boolean") return one;
      return string(one);
    }),
  };
}

function headerOf(value: unknown): { readonly name: string; readonly oneOf: readonly string[] } {
  const { name, oneOf } = object(value);
  return { name: string(name), oneOf: many(oneOf, string) };
}

function many<T>(value: unknown, read: (item: unknown) => T): T[] {
  if (!Array.isArray(value)) throw malformed();
  return value.map(read);
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw malformed();
  return value as Readonly<Record<string, unknown>>;
}

function string(value: unknown): string {
  if (typeof value !== "string") throw malformed();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== "number") throw malformed();
  return value;
}

function malformed(): Error {
  return wireError("frame.malformed", "retry.rules is not a list of rules");
}
