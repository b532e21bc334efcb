import type { CallReply } from "../../core/call.ts";
import { apiError, type ErrorSource, inRange, lenientJson, matchRule } from "./api_error.ts";
import { readBytes } from "./read_body.ts";
import type { ErrorRuleSpec } from "../data/operation.ts";

/** Throws when the body of a successful answer is an error. Gives the answer back, with its body whole where it was read. */
export type SuccessJudge = (
  source: ErrorSource,
  reply: CallReply,
  maxBytes: number,
) => Promise<CallReply>;

/** For APIs that answer `ok: false` with 200. */
export const judgeSuccess: SuccessJudge = async (source, reply, maxBytes) => {
  const about = (rule: ErrorRuleSpec): boolean =>
    rule.status !== undefined && inRange(rule.status, reply.status);
  if (![...source.rules ?? [], ...source.errors.rules ?? []].some(about)) return reply;
  const bytes = await readBytes(reply.body, maxBytes);
  const body = lenientJson(new TextDecoder().decode(bytes));
  const rule = matchRule(source, reply, body);
  if (rule !== undefined) throw apiError(source, reply, body, rule);
  return { ...reply, body: bytes };
};
