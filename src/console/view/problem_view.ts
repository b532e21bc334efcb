/** A problem document, readable: what happened, what is wrong where, and whether it can be tried again. */
import type { Problem } from "../../worker/problem/problem.ts";
import { h } from "../parts/dom.ts";
import { milliseconds } from "../parts/measures.ts";

const SENT: Readonly<Record<string, string>> = {
  no: "The API was not asked.",
  maybe: "The API may have acted on it.",
  committed: "The API answered.",
};

export function problemView(problem: Problem): HTMLElement {
  const { detail, code, errors = [], known = [], sent, retryable, retryAfterMs } = problem;
  const again = retryAfterMs !== undefined
    ? `Try again in ${milliseconds(retryAfterMs)}.`
    : retryable
    ? "Trying again may help."
    : "";
  const facts: [string, string | undefined][] = [
    ["Code", code],
    ["Class", problem.class],
    ["API's status", problem.upstreamStatus?.toString()],
    ["Error", problem.error],
    ["API's code", problem.apiCode],
    ["Request id", problem.requestId],
  ];
  return h(
    "div",
    { class: "problem" },
    h("p", { class: "detail" }, detail),
    errors.length === 0 ? undefined : h(
      "ul",
      {},
      ...errors.map(({ path, message }) => h("li", {}, h("code", {}, path), ` ${message}`)),
    ),
    known.length === 0 ? undefined : h("p", {}, `There are: ${known.slice(0, 20).join(", ")}`),
    h("p", { class: "note" }, [SENT[sent] ?? "", again].filter(Boolean).join(" ")),
    h(
      "dl",
      { class: "facts" },
      ...facts.flatMap(([name, value]) =>
        value === undefined ? [] : [h("div", {}, h("dt", {}, name), h("dd", {}, value))]
      ),
    ),
  );
}
