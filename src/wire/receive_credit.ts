/**
 * The receiving half of flow control. The connection's credit goes back as soon as its bytes are off the socket, a call's
 * as its reader consumes them: a reader that stalls holds `callCredit` bytes and delays nobody else.
 */
import { wireError } from "./error.ts";

export interface ReceiveCreditOptions {
  /** Bytes a call's reader may leave unread. */
  readonly callCredit: number;
  /** Bytes of all calls that may be on the way. */
  readonly connectionCredit: number;
  /** Sends a CreditUpdate; `callId` 0 is the connection. */
  readonly grant: (callId: number, bytes: number) => void;
}

export class ReceiveCredit {
  readonly #options: ReceiveCreditOptions;
  #arrived = 0;
  readonly #calls = new Map<number, { open: number; consumed: number }>();

  constructor(options: ReceiveCreditOptions) {
    this.#options = options;
  }

  open(callId: number): void {
    this.#calls.set(callId, { open: this.#options.callCredit, consumed: 0 });
  }

  close(callId: number): void {
    this.#calls.delete(callId);
  }

  /** Bytes of a Data frame are off the socket. Throws `frame.malformed` when the peer had no credit for them. */
  received(callId: number, bytes: number): void {
    this.#arrived += bytes;
    if (this.#arrived * 2 >= this.#options.connectionCredit) {
      this.#options.grant(0, this.#arrived);
      this.#arrived = 0;
    }
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    call.open -= bytes;
    if (call.open < 0) {
      throw wireError(
        "frame.malformed",
        `call ${callId} was sent ${-call.open} bytes more than it had credit for`,
      );
    }
  }

  /** The reader of a call took bytes. Granted in halves of the window, so that small reads cost no frame each. */
  consumed(callId: number, bytes: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    call.consumed += bytes;
    if (call.consumed * 2 < this.#options.callCredit) return;
    call.open += call.consumed;
    this.#options.grant(callId, call.consumed);
    call.consumed = 0;
  }
}
