/** Health checks on a connection: answered in the order in which they were asked. */
import type { Health } from "../core/call.ts";
import type { Clock } from "../core/clock.ts";
import type { ConnectorError } from "../core/errors.ts";
import { healthCheck, healthResponse } from "../wire/mod.ts";
import type { Link } from "./link.ts";
import { timedOut } from "./failures.ts";

const TIMEOUT_MS = 5000;

interface Waiter {
  readonly resolve: (health: Health) => void;
  readonly reject: (error: ConnectorError) => void;
}

export class HealthChecks {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #waiters: Waiter[] = [];
  #awaited = 0;

  constructor(link: Link, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  /** Whether an answer is still pending. */
  get waiting(): boolean {
    return this.#waiters.length > 0;
  }

  /** Whether anyone still waits for one. */
  get awaited(): boolean {
    return this.#awaited > 0;
  }

  ask(): Promise<Health> {
    this.#awaited++;
    return new Promise<Health>((resolve, reject) => {
      const timer = this.#clock.setTimeout(
        // The place in the queue stays taken: a late answer must not go to the next check.
        () => reject(timedOut(TIMEOUT_MS, this.#link.address, "no")),
        TIMEOUT_MS,
      );
      this.#waiters.push({
        resolve: (health) => {
          this.#clock.clearTimeout(timer);
          resolve(health);
        },
        reject: (error) => {
          this.#clock.clearTimeout(timer);
          reject(error);
        },
      });
      this.#link.writer.send(healthCheck, null);
    }).finally(() => this.#awaited--);
  }

  answered(payload: Uint8Array): void {
    this.#waiters.shift()?.resolve(healthResponse.decode(payload));
  }

  /** The existing daemon answers with an error: it is there, but does not say that it is healthy. */
  answeredInBase(message: string): void {
    this.#waiters.shift()?.resolve({
      healthy: true,
      message: `the runtime answers, but not to health checks: ${message}`,
      activeRequests: 0,
      availableCredits: 0,
    });
  }

  fail(error: ConnectorError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
