/** Fails calls to a host that does not work at once. One breaker per tenant and origin. */
import type { CallReply } from "../../core/call.ts";
import type { Clock } from "../../core/clock.ts";
import { ConnectorError, ErrorClass, toConnectorError } from "../../core/errors.ts";
import {
  Breaker,
  type BreakerOptions,
  type BreakerState,
  REFUSED,
  type Verdict,
} from "../breaker/breaker.ts";
import { verdictOfError, verdictOfStatus } from "../breaker/verdict.ts";
import type { BreakerBoard } from "../leases/breaker_board.ts";
import type { ActiveCall, AttemptEnd, ParsedUrl } from "../call.ts";
import type { Stage } from "../stage.ts";
import { TenantMap, USUAL_BOUNDS } from "../state/tenant_map.ts";

export interface BreakerFigures {
  readonly closed: number;
  /** Those that are not closed. */
  readonly others: readonly {
    readonly tenantId: string;
    readonly origin: string;
    readonly state: Exclude<BreakerState, "closed">;
    /** Until a call has a chance. */
    readonly retryAfterMs: number;
  }[];
}

export interface Breakers {
  readonly stage: Stage;
  figures(): BreakerFigures;
  /** Time until an attempt has a chance, ms: 0 while the breaker is closed. */
  opensInMs(call: ActiveCall): number;
}

export const NO_BREAKERS: Breakers = {
  stage: (call, next) => next(call),
  opensInMs: () => 0,
  figures: () => ({ closed: 0, others: [] }),
};

/** A probe keeps its place no longer than this, however much time its caller has. */
const MOST_LEASE_MS = 60_000;

/** `board`: where several runtimes tell each other which are open. */
export function createBreakers(
  options: BreakerOptions,
  clock: Clock,
  board?: BreakerBoard,
): Breakers {
  const breakers = new TenantMap<Breaker>(
    () => new Breaker(options),
    USUAL_BOUNDS,
    (breaker) => breaker.state(clock.monotonic()) !== "closed",
  );
  const breakerOf = (call: ActiveCall): Breaker =>
    breakers.get(call.request.tenantId, originOf(call));

  return {
    figures() {
      const now = clock.monotonic();
      let closed = 0;
      const others = [];
      for (const [tenantId, origin, breaker] of breakers.entries()) {
        const state = breaker.state(now);
        if (state === "closed") closed++;
        else others.push({ tenantId, origin, state, retryAfterMs: breaker.retryAfterMs(now) });
      }
      return { closed, others };
    },
    opensInMs: (call) => breakerOf(call).retryAfterMs(clock.monotonic()),
    stage(call, next) {
      const breaker = breakerOf(call);
      const started = call.time(clock);
      if (board !== undefined) learn(call, breaker, started, board);
      const lease = Math.min(call.deadlineAt, started + MOST_LEASE_MS);
      const generation = breaker.admit(started, lease);
      if (generation === REFUSED) throw refused(call, breaker.retryAfterMs(started));
      call.onHead(new Admitted(breaker, generation, started, clock, board));
      return next(call);
    },
  };
}

/** An attempt that a breaker let through, to be judged. */
class Admitted implements AttemptEnd {
  readonly #breaker: Breaker;
  readonly #generation: number;
  readonly #started: number;
  readonly #clock: Clock;
  readonly #board: BreakerBoard | undefined;

  constructor(
    breaker: Breaker,
    generation: number,
    started: number,
    clock: Clock,
    board: BreakerBoard | undefined,
  ) {
    this.#board = board;
    this.#breaker = breaker;
    this.#generation = generation;
    this.#started = started;
    this.#clock = clock;
  }

  answered(call: ActiveCall, reply: CallReply): void {
    // Another host's answer only says about this one that it redirected.
    const verdict = call.elsewhere ? "ok" : verdictOfStatus(reply.status);
    const now = call.startedAt + reply.durationUs / 1_000;
    this.#report(call, verdict, now);
    if (reply.body instanceof Uint8Array || verdict !== "ok" || call.elsewhere) return;
    // A truncated body is another failure: some hosts manage to send heads but nothing more.
    call.onFinish(({ error }) => {
      if (error?.origin !== "upstream" || error.code === "deadline.exceeded") return;
      this.#report(call, verdictOfError(error, 0), this.#clock.monotonic());
    });
  }

  failed(call: ActiveCall, thrown: unknown): void {
    const now = this.#clock.monotonic();
    const error = toConnectorError(call.signal.aborted ? call.signal.reason : thrown);
    const verdict = call.elsewhere ? "answered" : verdictOfError(error, now - this.#started);
    this.#report(call, verdict, now);
  }

  #report(call: ActiveCall, verdict: Verdict, now: number): void {
    const breaker = this.#breaker;
    const board = this.#board;
    if (board === undefined) return breaker.report(this.#generation, verdict, now);
    const before = breaker.state(now);
    breaker.report(this.#generation, verdict, now);
    const after = breaker.state(now);
    if (after === before || after === "half-open") return;
    const forMs = after === "open" ? breaker.retryAfterMs(now) : 0;
    board.tell(call.request.tenantId, originOf(call), forMs);
  }
}

/** What other runtimes have found out. */
function learn(call: ActiveCall, breaker: Breaker, now: number, board: BreakerBoard): void {
  const forMs = board.openForMs(call.request.tenantId, originOf(call));
  if (forMs > 0) breaker.hold(now + forMs);
  else if (breaker.held) breaker.release();
}

/** `validate` comes first and has parsed the URL. */
function originOf(call: ActiveCall): string {
  return (call.target as ParsedUrl).origin;
}

function refused(call: ActiveCall, retryAfterMs: number): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.RateLimited,
    code: "breaker.open",
    message: `calls to ${call.target?.host} fail too often, so none are made for now; ` +
      `the next may try in ${Math.ceil(retryAfterMs)} ms`,
    retryAfterMs,
  });
}
