/** When a request is sent again while the first is unanswered: only on request, and if it does no harm. */
import type { CallRequest } from "../../core/call.ts";
import { wholeAboveZero } from "../../core/check_number.ts";
import { invalidRequest } from "../../core/errors.ts";
import type { HedgePolicy } from "../../core/policy.ts";

/** `attempts: 1`, or `false`: never, whatever a policy asks for. */
export interface HedgeOptions {
  /** For calls whose policy does not ask for hedging, ms; also the shortest wait for those that do. Default: no hedging. */
  readonly afterMs?: number;
  /** Concurrent attempts, the first included: the most that a policy gets. Default: 2, and a policy gets up to 5. */
  readonly attempts?: number;
}

export interface Hedging {
  /** Since the attempt before. */
  readonly afterMs: number;
  /** At the same time, the first included. */
  readonly attempts: number;
}

const USUAL_ATTEMPTS = 2;
const MOST_ATTEMPTS = 5;

/** @throws ConnectorError `config.option`. */
export function resolveHedge(options: HedgeOptions | false = {}): HedgeOptions {
  if (options === false) return { attempts: 1 };
  const { afterMs, attempts } = options;
  if (attempts !== undefined) {
    wholeAboveZero("config.option", "engine option hedge.attempts", attempts);
  }
  if (afterMs !== undefined && !(afterMs > 0)) {
    throw invalidRequest(
      "config.option",
      `engine option hedge.afterMs is ${String(afterMs)}: give a number of milliseconds above 0`,
    );
  }
  return options;
}

/** Undefined: the call is not hedged. `repeatable`: as retries see it. */
export function hedgingOf(
  { policy, body }: CallRequest,
  repeatable: boolean,
  operator: HedgeOptions,
): Hedging | undefined {
  const asked: HedgePolicy | undefined = policy?.hedge;
  const afterMs = Math.max(asked?.afterMs ?? 0, operator.afterMs ?? 0);
  if (afterMs === 0 || !repeatable || body instanceof ReadableStream) return undefined;
  const attempts = Math.min(
    asked?.attempts ?? operator.attempts ?? USUAL_ATTEMPTS,
    operator.attempts ?? MOST_ATTEMPTS,
  );
  return attempts < 2 ? undefined : { afterMs, attempts };
}
