/**
 * The order of the stages, outermost first. What is still to come has its place:
 *
 * | stage | after | because |
 * | --- | --- | --- |
 * | `account` | – | counts whatever happens, refusals included |
 * | `validate` | `account` | nothing is spent on what is not a request |
 * | `deadline` | `validate` | covers everything that can wait: DNS, queues, attempts |
 * | `authorize` | `deadline` | a forbidden call takes no place in a queue |
 * | admit (rate, quota, bulkhead, fairness) | `authorize` | |
 * | retry | admit | a waiting retry keeps its place |
 * | breaker | retry | each attempt counts |
 * | `upstream` | | one attempt, redirects included |
 */
import { chain, type Next, type Stage } from "./stage.ts";

export interface Stages {
  readonly account: Stage;
  readonly validate: Stage;
  readonly deadline: Stage;
  readonly authorize: Stage;
  readonly upstream: Next;
}

export function pipeline(stages: Stages): Next {
  return chain(
    [stages.account, stages.validate, stages.deadline, stages.authorize],
    stages.upstream,
  );
}
