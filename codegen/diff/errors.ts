/** Compares the error classes that rules generate. */
import type { ErrorRule, ErrorsModel } from "../model/mod.ts";
import { pairs, same, shape } from "./changes.ts";
import type { Comparison } from "./comparison.ts";
import type { RuleCode } from "./rules.ts";

export function compareErrors(old: ErrorsModel, now: ErrorsModel, ctx: Comparison): void {
  compareErrorRules(old.rules, now.rules, "error", ctx);
  const source = ({ message, code, requestId }: ErrorsModel): unknown => [
    message?.text,
    code?.text,
    requestId,
  ];
  const at = now.rules[0]?.at ?? old.rules[0]?.at;
  const places = { old: at, new: at };
  if (!same(source(old), source(now))) {
    ctx.changes.add(
      "error.text",
      "errors",
      "take message, code or request id from elsewhere",
      places,
    );
  }
  if (old.schema !== undefined && now.schema !== undefined) {
    ctx.schemas.compare(old.schema, now.schema, "response", "error body", places);
  } else if (!old.schema !== !now.schema) {
    const message = now.schema ? "has a type now" : "no longer has a type";
    ctx.changes.add(
      `response.${now.schema ? "narrowed" : "widened"}`,
      "error body",
      message,
      places,
    );
  }
}

export function compareErrorRules(
  old: readonly ErrorRule[],
  now: readonly ErrorRule[],
  what: string,
  ctx: Comparison,
): void {
  for (const pair of pairs(byClass(old), byClass(now), ([name]) => name)) {
    const [before, after] = [pair.old?.[1], pair.new?.[1]];
    const places = { old: before?.[0]?.at, new: after?.[0]?.at };
    const subject = `${what} ${pair.key}`;
    const tell = (code: RuleCode, message: string): void =>
      ctx.changes.add(code, subject, message, places);
    if (before === undefined || after === undefined) {
      if (after !== undefined) tell("error.added", "was added");
      else tell("error.removed", "was removed");
      continue;
    }
    compareMatches(before, after, tell);
    if (!same(before.map((rule) => rule.retry), after.map((rule) => rule.retry))) {
      tell("error.retry", `is retried by ${after.map((rule) => rule.retry).join(", ")} now`);
    }
    const texts = (rule: ErrorRule): unknown => [rule.doc, rule.message?.text];
    if (!same(before.map(texts), after.map(texts))) tell("error.text", "is described differently");
    const [oldBody, newBody] = [before[0]?.schema, after[0]?.schema];
    if (oldBody !== undefined && newBody !== undefined) {
      ctx.schemas.compare(oldBody, newBody, "response", `${subject} body`, places);
    }
  }
}

/** Rules that name the same class, in order. */
function byClass(rules: readonly ErrorRule[]): [string, ErrorRule[]][] {
  const found = new Map<string, ErrorRule[]>();
  for (const rule of rules) {
    const list = found.get(rule.className);
    if (list === undefined) found.set(rule.className, [rule]);
    else list.push(rule);
  }
  return [...found];
}

function compareMatches(
  old: readonly ErrorRule[],
  now: readonly ErrorRule[],
  tell: (code: RuleCode, message: string) => void,
): void {
  const [before, after] = [statusesOf(old), statusesOf(now)];
  const lost = [...before].filter((status) => !after.has(status));
  const gained = [...after].filter((status) => !before.has(status));
  if (lost.length > 0) tell("error.less", `no longer stands for status ${ranges(lost)}`);
  if (gained.length > 0) tell("error.more", `stands for status ${ranges(gained)} too`);
  if (lost.length > 0 || gained.length > 0) return;
  const match = ({ body, headers }: ErrorRule): unknown => [
    body.map(({ selector, oneOf }) => [selector.text, oneOf]),
    headers,
  ];
  if (shape(old.map(match)) !== shape(now.map(match))) {
    tell("error.match", "is recognised by different conditions");
  }
}

/** A rule without a status applies to any failure. */
function statusesOf(rules: readonly ErrorRule[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (const { status } of rules) {
    for (const { from, to } of status.length === 0 ? [{ from: 400, to: 599 }] : status) {
      for (let one = from; one <= to; one++) all.add(one);
    }
  }
  return all;
}

/** `[400, 401, 402, 500]` → `400–402, 500`. */
function ranges(statuses: readonly number[]): string {
  const found: [number, number][] = [];
  for (const status of [...statuses].sort((a, b) => a - b)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === status - 1) last[1] = status;
    else found.push([status, status]);
  }
  return found.map(([from, to]) => from === to ? `${from}` : `${from}–${to}`).join(", ");
}
