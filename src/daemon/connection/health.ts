/** The answer to a health check, encoded again only when a figure in it has changed. */
import { encodePayload, healthResponse } from "../../wire/mod.ts";
import type { SharedState } from "./shared.ts";

export class Health {
  readonly #context: SharedState;
  #active = -1;
  #credits = -1;
  #draining = false;
  #payload: Uint8Array = new Uint8Array(0);

  constructor(context: SharedState) {
    this.#context = context;
  }

  /** For a connection that has `open` calls. */
  payload(open: number): Uint8Array {
    const { callsActive, draining } = this.#context;
    const credits = draining ? 0 : Math.max(0, this.#context.callsLeft(open));
    if (
      callsActive !== this.#active || credits !== this.#credits || draining !== this.#draining
    ) {
      this.#active = callsActive;
      this.#credits = credits;
      this.#draining = draining;
      this.#payload = encodePayload(healthResponse, {
        healthy: !draining,
        message: draining ? "draining" : "ok",
        activeRequests: callsActive,
        availableCredits: credits,
      });
    }
    return this.#payload;
  }
}
