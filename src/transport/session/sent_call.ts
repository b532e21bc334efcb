/** One call on a session, from its start to the last byte of its answer. */
import type { CallReply, CallRequest } from "../../core/call.ts";
import type { ConnectorError, Sent } from "../../core/errors.ts";
import { type CallHead, IncomingBody, replyOf } from "../../wire/mod.ts";
import type { Expiring } from "../deadlines.ts";

export interface SentEvents {
  /** The signal aborted, or the reader cancelled the body. */
  cancel(call: SentCall, aborted: boolean): void;
  /** The reader took bytes of the body. */
  consumed(call: SentCall, bytes: number): void;
}

export class SentCall implements Expiring {
  readonly id: number;
  readonly request: CallRequest;
  readonly expiresAt: number;
  readonly #events: SentEvents;
  readonly #resolve: (reply: CallReply | Promise<CallReply>) => void;
  readonly #reject: (error: ConnectorError) => void;
  #onAbort: (() => void) | undefined;
  #body: IncomingBody | undefined;
  #headArrived = false;
  #over = false;
  #whenOver: (() => void) | undefined;

  constructor(
    id: number,
    request: CallRequest,
    expiresAt: number,
    events: SentEvents,
    resolve: (reply: CallReply | Promise<CallReply>) => void,
    reject: (error: ConnectorError) => void,
  ) {
    this.id = id;
    this.request = request;
    this.expiresAt = expiresAt;
    this.#events = events;
    this.#resolve = resolve;
    this.#reject = reject;
    if (request.signal !== undefined) {
      this.#onAbort = () => events.cancel(this, true);
      request.signal.addEventListener("abort", this.#onAbort, { once: true });
    }
  }

  /** How far the request got, for errors. */
  get sent(): Sent {
    return this.#headArrived ? "committed" : "maybe";
  }

  get headArrived(): boolean {
    return this.#headArrived;
  }

  /** The first head answers the caller. */
  head(head: CallHead): void {
    this.#headArrived = true;
    let body: CallReply["body"];
    if (head.bodyFollows) {
      this.#body = new IncomingBody({
        onConsumed: (bytes) => this.#events.consumed(this, bytes),
        onCancel: () => this.#events.cancel(this, false),
      });
      body = this.#body.stream;
    } else {
      // The payload is in the reader's buffer, which the next bytes from the socket overwrite.
      body = head.body.slice();
    }
    this.#resolve(replyOf(head, body));
  }

  data(bytes: Uint8Array): void {
    this.#body?.push(bytes.slice());
  }

  /** Another call answers in its place. */
  become(reply: Promise<CallReply>): void {
    this.release();
    this.#resolve(reply);
  }

  /** The last of it has arrived; unread data can still be read. */
  end(): void {
    this.release();
    this.#body?.end();
  }

  /** `now`: drop unread data. */
  fail(error: ConnectorError, now = false): void {
    this.release();
    if (!this.#headArrived) this.#reject(error);
    else if (now) this.#body?.abort(error);
    else this.#body?.fail(error);
  }

  /** Calls back once when the call has ended in any way; at once if it already has. */
  whenOver(callback: () => void): void {
    if (this.#over) callback();
    else this.#whenOver = callback;
  }

  /** Releases what would outlive the call: a listener on the caller's signal, the source of a body. */
  release(): void {
    this.#over = true;
    this.#whenOver?.();
    this.#whenOver = undefined;
    if (this.#onAbort === undefined) return;
    this.request.signal?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}
