import { inRange, lenientJson } from "../../core/rules/answer_rule.ts";
import { apiError, bodyOf, matchRule } from "./api_error.ts";
import { readBytes } from "./read_body.ts";
import type { ErrorRuleData, SuccessJudge } from "../data/errors.ts";

/** For APIs that answer `ok: false` with 200. */
export const judgeSuccess: SuccessJudge = async (source, reply, maxBytes) => {
  const about = (rule: ErrorRuleData): boolean =>
    rule.status !== undefined && inRange(rule.status, reply.status);
  if (![...source.rules ?? [], ...source.errors.rules ?? []].some(about)) return reply;
  const bytes = await readBytes(reply.body, maxBytes);
  const text = new TextDecoder().decode(bytes);
  const body = lenientJson(text);
  const rule = matchRule(source, reply, body);
  if (rule !== undefined) throw apiError(source, reply, bodyOf(source, rule, text, body), rule);
  return { ...reply, body: bytes };
};
