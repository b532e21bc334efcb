/**
 * A promise whose callbacks run at once, in the stack of whoever settles it: a call through all stages costs one turn of the
 * microtask queue instead of one a stage. `await` and `Promise.resolve` take it like any other.
 */
const PENDING = 0;
const FULFILLED = 1;
const REJECTED = 2;

type OnValue<T, R> = ((value: T) => R | PromiseLike<R>) | null | undefined;
type OnError<R> = ((reason: unknown) => R | PromiseLike<R>) | null | undefined;

export class Soon<T> implements PromiseLike<T> {
  declare private state: number;
  declare private value: unknown;
  /** What is done with the outcome of the one before; on the promise that comes of it, so that a link of a chain is one object. */
  declare private onValue: ((value: never) => unknown) | null | undefined;
  declare private onError: ((reason: unknown) => unknown) | null | undefined;
  declare private next: Soon<unknown> | undefined;
  declare private others: Soon<unknown>[] | undefined;

  constructor() {
    this.state = PENDING;
    this.value = undefined;
    this.onValue = undefined;
    this.onError = undefined;
    this.next = undefined;
    this.others = undefined;
  }

  static rejected(reason: unknown): Soon<never> {
    const soon = new Soon<never>();
    soon.reject(reason);
    return soon;
  }

  /** Has no effect after the first. */
  resolve(value: T): void {
    if (this.state === PENDING) this.settle(FULFILLED, value);
  }

  reject(reason: unknown): void {
    if (this.state === PENDING) this.settle(REJECTED, reason);
  }

  then<A = T, B = never>(onValue?: OnValue<T, A>, onError?: OnError<B>): Soon<A | B> {
    const link = new Soon<A | B>();
    link.onValue = onValue;
    link.onError = onError;
    if (this.state !== PENDING) link.react(this.state, this.value);
    else if (this.next === undefined) this.next = link as Soon<unknown>;
    else (this.others ??= []).push(link as Soon<unknown>);
    return link;
  }

  private settle(state: number, value: unknown): void {
    this.state = state;
    this.value = value;
    const { next, others } = this;
    if (next === undefined) return;
    this.next = undefined;
    this.others = undefined;
    next.react(state, value);
    if (others !== undefined) { for (const other of others) other.react(state, value); }
  }

  /** The one before is settled. */
  private react(state: number, value: unknown): void {
    const handler = (state === FULFILLED ? this.onValue : this.onError) as
      | ((value: unknown) => unknown)
      | null
      | undefined;
    this.onValue = undefined;
    this.onError = undefined;
    if (typeof handler !== "function") return this.settle(state, value);
    let result: unknown;
    try {
      result = handler(value);
    } catch (error) {
      return this.settle(REJECTED, error);
    }
    if (!isThenable(result)) return this.settle(FULFILLED, result);
    result.then(
      (found) => this.settle(FULFILLED, found),
      (reason: unknown) => this.settle(REJECTED, reason),
    );
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
