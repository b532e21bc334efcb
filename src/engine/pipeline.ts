/**
 * The order of the stages, outermost first. A stage whose option is off is left out.
 *
 * | stage | after | because |
 * | --- | --- | --- |
 * | `account` | – | counts whatever happens, refusals included |
 * | `validate` | `account` | nothing is spent on what is not a request |
 * | `deadline` | `validate` | covers everything that can wait: DNS, queues, attempts |
 * | `database` | `deadline` | a body that is streamed is read, and what is asked decides what follows |
 * | `authorize` | `database` | a forbidden call takes no place in a queue |
 * | `idempotency` | `authorize` | what is answered already needs nothing of what follows |
 * | `cache` | `idempotency` | the same |
 * | `coalesce` | `cache` | what is in the cache needs no company |
 * | `quota` | `coalesce` | only what reaches an API counts, and once however many attempts it takes |
 * | `retry` | `quota` | whatever holds a call back does so for each attempt |
 * | `hedge` | `retry` | what it has made beside each other is one attempt to be repeated |
 * | `attempt` | `hedge` | what lets an attempt through learns how it ended |
 * | `rate` | `attempt` | an API counts each attempt, and a call that waits keeps no place from others |
 * | `learned` | `rate` | own limits first: what they hold back takes nothing of the API's |
 * | `bulkhead` | `learned` | a retry that waits keeps none either |
 * | `breaker` | `bulkhead` | each attempt counts |
 * | `trace` | `breaker` | a span for each attempt, without the waits before it |
 * | `upstream` | | one attempt, redirects included |
 */
import { chain, type Next, type Stage } from "./stage.ts";

export interface Stages {
  readonly account: Stage;
  readonly validate: Stage;
  readonly deadline: Stage;
  readonly database: Stage;
  readonly authorize: Stage;
  readonly idempotency: Stage | undefined;
  readonly cache: Stage | undefined;
  readonly coalesce: Stage | undefined;
  readonly quota: Stage | undefined;
  readonly retry: Stage;
  readonly hedge: Stage;
  readonly attempt: Stage;
  readonly rate: Stage;
  readonly learned: Stage | undefined;
  readonly bulkhead: Stage | undefined;
  readonly breaker: Stage;
  readonly trace: Stage;
  readonly upstream: Next;
}

export function pipeline(stages: Stages): Next {
  const all = [
    stages.account,
    stages.validate,
    stages.deadline,
    stages.database,
    stages.authorize,
    stages.idempotency,
    stages.cache,
    stages.coalesce,
    stages.quota,
    stages.retry,
    stages.hedge,
    stages.attempt,
    stages.rate,
    stages.learned,
    stages.bulkhead,
    stages.breaker,
    stages.trace,
  ];
  return chain(all.filter((stage) => stage !== undefined), stages.upstream);
}
