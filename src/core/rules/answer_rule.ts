/** Which answers of an API a rule is about. */
import type { HeaderList } from "../call.ts";
import { firstHeader } from "../headers.ts";
import type { AnswerRule, StatusRanges } from "../policy.ts";
import { allHold } from "./condition.ts";

const ANY_FAILURE: StatusRanges = [[400, 599]];

export function inRange(ranges: StatusRanges, status: number): boolean {
  return ranges.some((range) =>
    typeof range === "number" ? status === range : status >= range[0] && status <= range[1]
  );
}

export function meetsStatus({ status }: AnswerRule, found: number): boolean {
  return inRange(status ?? ANY_FAILURE, found);
}

export function meetsHeaders(rule: AnswerRule, headers: HeaderList): boolean {
  return (rule.headers ?? []).every(({ name, oneOf }) =>
    oneOf.includes(firstHeader(headers, name) ?? "")
  );
}

export function meetsBody(rule: AnswerRule, body: unknown): boolean {
  return allHold(rule.body ?? [], body);
}

/** JSON, else the text; undefined for none. */
export function lenientJson(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
