/**
 * Answers that outlive the connection of whoever asked for them: a caller who comes back in time reads on where it was. Bounded in
 * number, bytes and time; a tenant's answers are its own.
 */
import { CallAbort, type CallSignal } from "../../core/async/call_signal.ts";
import type { CallReply, CallRequest } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { type Keep, streamGone } from "../../core/rules/keep.ts";
import type { Timeout, Timers } from "../timers.ts";
import { KeptStream } from "./kept_stream.ts";

export interface KeepBounds {
  /** Answers of each tenant; those beyond are streamed, but not kept. */
  readonly perTenant: number;
  /** Kept of each answer. */
  readonly bytesPerStream: number;
  /** Of all answers together. */
  readonly bytes: number;
  /** How long a caller may stay away. */
  readonly ageMs: number;
}

export const USUAL_KEEP: KeepBounds = {
  perTenant: 2_000,
  bytesPerStream: 1 << 20,
  bytes: 64 << 20,
  ageMs: 10_000,
};

export interface KeepFigures {
  readonly streams: number;
  readonly bytes: number;
}

interface Kept {
  readonly key: string;
  readonly tenantId: string;
  readonly place: string;
  readonly reply: CallReply;
  readonly stream: KeptStream;
  /** Until it is dropped; while nobody reads it. */
  expiry: Timeout | undefined;
}

type Begin = (request: CallRequest, signal: CallSignal | undefined) => PromiseLike<CallReply>;

export class KeptAnswers {
  readonly #bounds: KeepBounds;
  readonly #timers: Timers;
  readonly #begin: Begin;
  readonly #kept = new Map<string, Kept>();
  readonly #counts = new Map<string, number>();
  /** Those that nobody reads, the longest alone first. */
  readonly #alone = new Set<Kept>();
  #bytes = 0;

  constructor(bounds: KeepBounds, timers: Timers, begin: Begin) {
    this.#bounds = bounds;
    this.#timers = timers;
    this.#begin = begin;
  }

  figures(): KeepFigures {
    return { streams: this.#kept.size, bytes: this.#bytes };
  }

  async begin(
    request: CallRequest,
    keep: Keep,
    signal: CallSignal | undefined,
  ): Promise<CallReply> {
    const key = `${request.tenantId}\n${keep.id}`;
    if (keep.stop === true) return this.#stop(key, request);
    if (keep.from !== undefined) return this.#resume(key, request, keep.from, signal);
    return await this.#start(key, request, signal);
  }

  close(): void {
    for (const kept of [...this.#kept.values()]) this.#drop(kept, stopped());
  }

  /** Until the head is here, the call is its caller's; then it goes on without. */
  async #start(
    key: string,
    request: CallRequest,
    signal: CallSignal | undefined,
  ): Promise<CallReply> {
    const abort = new CallAbort();
    const onAbort = (): void => abort.abort(signal?.reason);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    const reply = await this.#begin(request, abort);
    const { tenantId } = request;
    const count = this.#counts.get(tenantId) ?? 0;
    if (
      !(reply.body instanceof ReadableStream) || reply.status < 200 || reply.status > 299 ||
      count >= this.#bounds.perTenant || this.#kept.has(key)
    ) return reply;
    signal?.removeEventListener("abort", onAbort);
    const kept: Kept = {
      key,
      tenantId,
      place: placeOf(request),
      reply,
      stream: new KeptStream(reply.body, this.#bounds.bytesPerStream, {
        onBytes: (change) => this.#count(kept, change),
        onLeft: () => this.#left(kept),
      }),
      expiry: undefined,
    };
    this.#kept.set(key, kept);
    this.#counts.set(tenantId, count + 1);
    return this.#open(kept, 0, signal);
  }

  #resume(
    key: string,
    request: CallRequest,
    from: number,
    signal: CallSignal | undefined,
  ): CallReply {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.place !== placeOf(request) || !kept.stream.has(from)) {
      throw streamGone();
    }
    return this.#open(kept, from, signal);
  }

  #stop(key: string, request: CallRequest): CallReply {
    const kept = this.#kept.get(key);
    if (kept === undefined || kept.place !== placeOf(request)) throw streamGone();
    this.#drop(kept, stopped());
    return { ...kept.reply, status: 204, headers: [], body: new Uint8Array(0) };
  }

  #open(kept: Kept, from: number, signal: CallSignal | undefined): CallReply {
    kept.expiry?.cancel();
    kept.expiry = undefined;
    this.#alone.delete(kept);
    const { body, leave } = kept.stream.open(from);
    if (signal?.aborted) leave(signal.reason);
    else signal?.addEventListener("abort", () => leave(signal.reason));
    return { ...kept.reply, body, kept: true };
  }

  #left(kept: Kept): void {
    if (this.#kept.get(kept.key) !== kept) return;
    this.#alone.add(kept);
    kept.expiry = this.#timers.after(this.#bounds.ageMs, () => this.#drop(kept, stopped()));
  }

  #count(kept: Kept, change: number): void {
    this.#bytes += change;
    if (change < 0 || this.#bytes <= this.#bounds.bytes) return;
    kept.stream.shrink();
    for (const oldest of this.#alone) {
      if (this.#bytes <= this.#bounds.bytes) return;
      if (oldest !== kept) this.#drop(oldest, stopped());
    }
    if (this.#bytes > this.#bounds.bytes) {
      for (const other of this.#kept.values()) other.stream.shrink();
    }
  }

  #drop(kept: Kept, reason: ConnectorError): void {
    if (this.#kept.get(kept.key) !== kept) return;
    this.#kept.delete(kept.key);
    this.#alone.delete(kept);
    kept.expiry?.cancel();
    const count = (this.#counts.get(kept.tenantId) ?? 1) - 1;
    if (count === 0) this.#counts.delete(kept.tenantId);
    else this.#counts.set(kept.tenantId, count);
    kept.stream.drop(reason);
  }
}

/** What the same id must go with. */
function placeOf({ connector, operation }: CallRequest): string {
  return `${connector}\n${operation}`;
}

function stopped(): ConnectorError {
  return new ConnectorError({
    errorClass: ErrorClass.Permanent,
    code: "call.cancelled",
    message: "The stream was stopped, or its caller stayed away too long",
    origin: "caller",
    sent: "committed",
  });
}
