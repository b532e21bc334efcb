/** A failure as the result of a tool: what happened, whether the API may have acted on it, and what to do next. */
import type { Problem } from "../../worker/problem/problem.ts";

export interface Failed {
  readonly isError: true;
  readonly content: { type: "text"; text: string }[];
  readonly structuredContent: { readonly error: ToolProblem };
}

export interface ToolProblem extends Omit<Problem, "title"> {
  /** What to do next, in a sentence. */
  readonly advice: string;
  /** Of the call, where it had one. */
  readonly callId?: string;
}

export interface FailedCall {
  readonly readOnly: boolean;
  readonly idempotent: boolean;
  readonly callId?: string | undefined;
}

export function failedResult({ title: _, ...problem }: Problem, call?: FailedCall): Failed {
  const advice = adviceOn(problem, call);
  const error: ToolProblem = {
    ...problem,
    advice,
    ...(call?.callId === undefined ? {} : { callId: call.callId }),
  };
  const facts = [
    `code ${problem.code}`,
    `class ${problem.class}`,
    ...(problem.sent === undefined ? [] : [`sent ${problem.sent}`]),
    ...(problem.upstreamStatus === undefined ? [] : [`status ${problem.upstreamStatus}`]),
    `request ${problem.requestId}`,
  ];
  const known = problem.known === undefined || problem.known.length === 0
    ? ""
    : `\nThere are: ${problem.known.slice(0, 30).join(", ")}.`;
  const mistakes = (problem.errors ?? []).slice(0, 10)
    .map(({ path, message }) => `\n- ${path} ${message}`).join("");
  const text = `${problem.detail}${mistakes}${known}\n${advice} (${facts.join("; ")})`;
  return { isError: true, content: [{ type: "text", text }], structuredContent: { error } };
}

/** True when the API may have done what was asked, so that the same call could do it twice. */
export function mayHaveActed(
  { code, sent, upstreamStatus = 0 }: Pick<Problem, "code" | "sent" | "upstreamStatus">,
): boolean {
  if (sent === undefined || sent === "no") return false;
  // An API that says "no" or "later" has done nothing; one that broke off or says nothing may have.
  return code !== "api.error" || (upstreamStatus >= 500 && upstreamStatus !== 503);
}

function adviceOn(problem: Omit<Problem, "title">, call: FailedCall | undefined): string {
  if (problem.code.startsWith("config.")) {
    return "No argument helps: whoever serves the tools has to configure the connector.";
  }
  if (problem.code === "tenant.denied") {
    return "This is not allowed: leave it, or ask whoever serves the tools.";
  }
  if (problem.class === "InvalidRequest") return "Correct the arguments, then call again.";
  const uncertain = mayHaveActed(problem) && call !== undefined && !call.readOnly;
  if (uncertain && !call.idempotent) {
    return "The API may have acted: look at what it has before you repeat the call, and repeat it under a new call id only if it has not.";
  }
  if (!problem.retryable) return "The same call will fail again.";
  return problem.retryAfterMs === undefined
    ? "The same call may succeed later."
    : `The same call may succeed after ${Math.ceil(problem.retryAfterMs / 1000)} s.`;
}
