/**
 * How much body data a side may send: one credit per call and one for the connection, both granted by the peer.
 * Calls waiting for the connection's credit take turns, so one large body does not starve the others.
 */
export class SendCredit {
  #connection: number;
  readonly #initialCallCredit: number;
  readonly #calls = new Map<number, Credit>();
  /** Calls with credit of their own that wait for the connection's, in the order of their turns. */
  readonly #turns: Credit[] = [];
  /** Bytes that the sender itself has room for, whatever the peer grants. */
  readonly #room: () => number;
  /** Taken, but not sent yet. */
  #taken = 0;

  constructor(
    initial: { callCredit: number; connectionCredit: number },
    room: () => number = () => Infinity,
  ) {
    this.#room = room;
    this.#initialCallCredit = initial.callCredit;
    this.#connection = initial.connectionCredit;
  }

  /** Bytes the connection may still carry. */
  get connectionCredit(): number {
    return this.#connection;
  }

  open(callId: number): void {
    this.#calls.set(callId, { credit: this.#initialCallCredit, want: 0, wake: undefined });
  }

  /** The call is over; a sender that waits is woken with 0. */
  close(callId: number): void {
    const call = this.#calls.get(callId);
    if (call === undefined) return;
    this.#calls.delete(callId);
    const turn = this.#turns.indexOf(call);
    if (turn >= 0) this.#turns.splice(turn, 1);
    call.wake?.(0);
  }

  /**
   * Takes up to `want` bytes of credit, at least 1, waiting if there is none. 0: the call was closed.
   * Returns a plain number if it need not wait, so that the common case costs no promise.
   */
  take(callId: number, want: number): number | Promise<number> {
    const call = this.#calls.get(callId);
    if (call === undefined) return 0;
    if (call.credit > 0 && this.#turns.length === 0 && this.#available() > 0) {
      return this.#spend(call, want);
    }
    return new Promise((resolve) => {
      call.want = want;
      call.wake = resolve;
      if (call.credit > 0) this.#turns.push(call);
      this.#serve();
    });
  }

  /** The peer granted `bytes`; `callId` 0 is the connection. Unknown calls have ended and are ignored. */
  grant(callId: number, bytes: number): void {
    if (bytes <= 0) return;
    if (callId === 0) {
      this.#connection += bytes;
    } else {
      const call = this.#calls.get(callId);
      if (call === undefined) return;
      const wasEmpty = call.credit === 0;
      call.credit += bytes;
      if (wasEmpty && call.wake !== undefined) this.#turns.push(call);
    }
    this.#serve();
  }

  /** What was taken is sent, and `room` counts it from here on. */
  sent(bytes: number): void {
    this.#taken -= bytes;
  }

  /** There is more room than before. */
  resume(): void {
    this.#serve();
  }

  #available(): number {
    return Math.min(this.#connection, this.#room() - this.#taken);
  }

  #serve(): void {
    while (this.#turns.length > 0 && this.#available() > 0) {
      const call = this.#turns.shift()!;
      const wake = call.wake;
      call.wake = undefined;
      wake?.(this.#spend(call, call.want));
    }
  }

  #spend(call: Credit, want: number): number {
    const bytes = Math.min(want, call.credit, this.#available());
    this.#taken += bytes;
    call.credit -= bytes;
    this.#connection -= bytes;
    return bytes;
  }
}

interface Credit {
  credit: number;
  want: number;
  wake: ((bytes: number) => void) | undefined;
}
