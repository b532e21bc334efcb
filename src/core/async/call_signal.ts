/** Giving up a call, for what is done ten thousand times a second: an AbortController with its EventTarget costs as much as all else. */

/** What our own code uses of an AbortSignal; every AbortSignal is one. */
export interface CallSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: AbortListener): void;
  removeEventListener(type: "abort", listener: AbortListener): void;
}

export type AbortListener = (() => void) | { handleEvent(): void };

/** An AbortController and its signal in one. Listeners are called once, in their order; none of them may throw. */
export class CallAbort implements CallSignal {
  aborted = false;
  reason: unknown = undefined;
  /** Most calls have one listener, their upstream. */
  #first: AbortListener | undefined = undefined;
  #others: AbortListener[] | undefined = undefined;
  #native: AbortController | undefined = undefined;

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  addEventListener(_: "abort", listener: AbortListener): void {
    if (this.aborted) return;
    if (this.#others !== undefined) {
      if (!this.#others.includes(listener)) this.#others.push(listener);
    } else if (this.#first === undefined) this.#first = listener;
    else if (this.#first !== listener) {
      this.#others = [this.#first, listener];
      this.#first = undefined;
    }
  }

  removeEventListener(_: "abort", listener: AbortListener): void {
    if (this.#first === listener) this.#first = undefined;
    const at = this.#others?.indexOf(listener) ?? -1;
    if (at >= 0) this.#others?.splice(at, 1);
  }

  /** The first one counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    const listeners = this.#others ?? (this.#first === undefined ? [] : [this.#first]);
    this.#first = undefined;
    this.#others = undefined;
    for (const listener of listeners) {
      if (typeof listener === "function") listener();
      else listener.handleEvent();
    }
    this.#native?.abort(reason);
  }

  /** For what takes nothing else: `fetch`, a resolver. */
  get native(): AbortSignal {
    if (this.#native === undefined) {
      this.#native = new AbortController();
      if (this.aborted) this.#native.abort(this.reason);
    }
    return this.#native.signal;
  }
}

export function nativeSignal(signal: CallSignal): AbortSignal {
  return signal instanceof CallAbort ? signal.native : signal as AbortSignal;
}
