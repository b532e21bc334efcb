/** The operator's options for breakers. */
import { aboveZero, wholeAboveZero } from "../../core/check_number.ts";
import { invalidRequest } from "../../core/errors.ts";
import { type BreakerOptions, USUAL_BREAKER } from "./breaker.ts";

/** @throws ConnectorError `config.option`. Undefined: no breakers. */
export function resolveBreaker(
  options: Partial<BreakerOptions> | false = {},
): BreakerOptions | undefined {
  if (options === false) return undefined;
  const all = { ...USUAL_BREAKER, ...options };
  for (const name of ["consecutiveFailures", "minCalls"] as const) {
    wholeAboveZero("config.option", `engine option breaker.${name}`, all[name]);
  }
  for (const name of ["streakMs", "openMs", "maxOpenMs"] as const) {
    aboveZero("config.option", `engine option breaker.${name}`, all[name]);
  }
  if (all.successShare >= 0 && all.successShare <= 1) return all;
  throw invalidRequest(
    "config.option",
    `engine option breaker.successShare is ${String(all.successShare)}: give a share from 0 to 1`,
  );
}
