/** Times and redirects: the defaults of calls, and the most that they may ask for. */
import type { CallPolicy, CallRequest } from "../core/call.ts";
import { wholeAboveZero } from "../core/check_number.ts";
import { LONGEST_MS } from "../core/clock.ts";
import { invalidRequest } from "../core/errors.ts";

export interface TimeOptions {
  /** Longest timeout that a call may ask for, ms. Default: 3,600,000 (an hour). */
  readonly maxCallMs?: number;
  /**
   * For calls whose policy does not say, ms. Default: 5,000. If set, this and the next three are also the most that a policy
   * gets; if not, it gets times up to `maxCallMs` and 20 redirects.
   */
  readonly connectTimeoutMs?: number;
  /** From sending to the response head, for calls whose policy does not say, ms. Default: 60,000. */
  readonly firstByteTimeoutMs?: number;
  /** Between two pieces of a streamed response, for calls whose policy does not say, ms. Default: 30,000. */
  readonly idleTimeoutMs?: number;
  /** Redirects to follow, for calls whose policy does not say. Default: 10. 0 returns the redirect itself. */
  readonly maxRedirects?: number;
}

/** What a call's policy may ask for. */
type Hint = "connectTimeoutMs" | "firstByteTimeoutMs" | "idleTimeoutMs" | "maxRedirects";

/** As many as fetch follows. */
const MOST_REDIRECTS = 20;

/** The defaults of calls, and the most that they may ask for. */
export interface Times extends Readonly<Record<Hint, number>> {
  readonly maxCallMs: number;
  readonly most: Readonly<Record<Hint, number>>;
}

/** @throws ConnectorError `config.option` for zero, negative, fractional or missing numbers. */
export function resolveTimes(options: TimeOptions): Times {
  const maxCallMs = milliseconds("maxCallMs", options.maxCallMs ?? 3_600_000);
  const usual: Record<Hint, number> = {
    connectTimeoutMs: milliseconds("connectTimeoutMs", options.connectTimeoutMs ?? 5_000),
    firstByteTimeoutMs: milliseconds("firstByteTimeoutMs", options.firstByteTimeoutMs ?? 60_000),
    idleTimeoutMs: milliseconds("idleTimeoutMs", options.idleTimeoutMs ?? 30_000),
    maxRedirects: options.maxRedirects === 0
      ? 0
      : positive("maxRedirects", options.maxRedirects ?? 10),
  };
  const most = (hint: Hint, otherwise: number): number =>
    options[hint] === undefined ? otherwise : usual[hint];
  return {
    maxCallMs,
    ...usual,
    most: {
      connectTimeoutMs: most("connectTimeoutMs", maxCallMs),
      firstByteTimeoutMs: most("firstByteTimeoutMs", maxCallMs),
      idleTimeoutMs: most("idleTimeoutMs", maxCallMs),
      maxRedirects: most("maxRedirects", MOST_REDIRECTS),
    },
  };
}

/** Milliseconds that a call may take: its own timeout, capped. @throws ConnectorError `request.timeout`. */
export function callTimeout(request: Pick<CallRequest, "timeoutMs">, options: Times): number {
  const { timeoutMs } = request;
  if (timeoutMs > 0) return Math.min(timeoutMs, options.maxCallMs);
  throw invalidRequest("request.timeout", `timeoutMs is ${timeoutMs}; it must be above 0`);
}

/** What the call's policy asks for, capped by the operator's limit, else the engine's own. */
export function hinted(
  hint: Hint,
  policy: CallPolicy | undefined,
  options: Times,
): number {
  const asked = policy?.[hint];
  return asked === undefined ? options[hint] : Math.min(asked, options.most[hint]);
}

export function milliseconds(name: string, value: number): number {
  return Math.min(positive(name, value), LONGEST_MS);
}

/** @throws ConnectorError `config.option`. */
export function positive(name: string, value: number): number {
  return wholeAboveZero("config.option", `engine option ${name}`, value);
}
