/** Refusals of the HTTP request itself. */
import type { Incoming } from "../env.ts";
import { problemResponse, requestProblem } from "./problem.ts";

export function refuse(
  context: Incoming,
  status: number,
  code: string,
  detail: string,
  more: { known?: readonly string[]; headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { headers, ...rest } = more;
  return problemResponse(
    requestProblem(status, code, detail, context.var.requestId, rest),
    headers,
  );
}
