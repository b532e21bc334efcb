/**
 * The receiving half of flow control. The connection's credit is returned as soon as its bytes are off the socket, a call's
 * as its reader consumes them: a reader that stalls holds `callCredit` bytes and delays nobody else.
 */
import type { ByteBudget } from "./byte_budget.ts";
import { wireError } from "../error.ts";

export interface ReceiveCreditOptions {
  /** Bytes that a call's reader may leave unread. */
  readonly callCredit: number;
  /** Bytes of all calls that may be in transit. */
  readonly connectionCredit: number;
  /** Called with the number of unread bytes of all calls. */
  readonly budget?: ByteBudget;
  /** Sends a CreditUpdate; `callId` 0 is the connection. */
  readonly grant: (callId: number, bytes: number) => void;
}

interface Credit {
  open: number;
  /** Read, but not granted again. */
  consumed: number;
  unread: number;
}

export class ReceiveCredit {
  readonly #options: ReceiveCreditOptions;
  /** What the peer may still send. */
  #open: number;
  /** Off the socket, but not granted again. */
  #arrived = 0;
  readonly #calls = new Map<number, Credit>();

  constructor(options: ReceiveCreditOptions) {
    this.#options = options;
    this.#open = options.connectionCredit;
  }

  open(callId: number): void {
    this.#calls.set(callId, { open: this.#options.callCredit, consumed: 0, unread: 0 });
  }

  /** Unread data is dropped with the call. */
  close(callId: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    this.#options.budget?.giveBack(call.unread);
  }

  /** Bytes of a Data frame are off the socket. Throws `frame.malformed` if the peer had no credit for them. */
  received(callId: number, bytes: number): void {
    this.#open -= bytes;
    this.#arrived += bytes;
    if (this.#open < 0) throw overdrawn("the connection", -this.#open);
    if (this.#arrived * 2 >= this.#options.connectionCredit) {
      this.#open += this.#arrived;
      this.#options.grant(0, this.#arrived);
      this.#arrived = 0;
    }
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    call.open -= bytes;
    if (call.open < 0) throw overdrawn(`call ${callId}`, -call.open);
    call.unread += bytes;
    this.#options.budget?.take(bytes);
  }

  /** The reader of a call took bytes. Granted in halves of the window, so that small reads cost no frame each. */
  consumed(callId: number, bytes: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    call.unread -= bytes;
    this.#options.budget?.giveBack(bytes);
    call.consumed += bytes;
    if (call.consumed * 2 < this.#options.callCredit) return;
    call.open += call.consumed;
    this.#options.grant(callId, call.consumed);
    call.consumed = 0;
  }
}

function overdrawn(who: string, bytes: number): Error {
  return wireError("frame.malformed", `${who} was sent ${bytes} bytes more than it had credit for`);
}
