/**
 * Answers that outlive the connection of whoever asked for them: a caller who comes back in time reads on where it was. Bounded in
 * number, bytes and time; a tenant's answers are its own.
 */
import { CallAbort, type CallSignal } from "../../core/async/call_signal.ts";
import { inPieces } from "../../core/bytes.ts";
import type { CallReply, CallRequest } from "../../core/call.ts";
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { type Keep, streamGone } from "../../core/rules/keep.ts";
import type { Timeout, Timers } from "../timers.ts";
import { KeptStream } from "./kept_stream.ts";

export interface KeepBounds {
  /** Answers of each tenant; those beyond are streamed, but not kept. */
  readonly perTenant: number;
  /** Answers of all tenants together. */
  readonly streams: number;
  /** Kept of each answer. */
  readonly bytesPerStream: number;
  /** Of all answers together. */
  readonly bytes: number;
  /** How long a caller may stay away. */
  readonly ageMs: number;
}

export const USUAL_KEEP: KeepBounds = {
  perTenant: 2_000,
  streams: 10_000,
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
  readonly holder: Holder;
  readonly place: string;
  readonly reply: CallReply;
  readonly stream: KeptStream;
  /** Until it is dropped; while nobody reads it. */
  expiry: Timeout | undefined;
}

/** What one tenant has. */
interface Holder {
  readonly streams: Set<Kept>;
  /** Those that nobody reads, the longest alone first. */
  readonly alone: Set<Kept>;
  bytes: number;
}

type Begin = (request: CallRequest, signal: CallSignal | undefined) => PromiseLike<CallReply>;

export class KeptAnswers {
  readonly #bounds: KeepBounds;
  readonly #timers: Timers;
  readonly #begin: Begin;
  readonly #kept = new Map<string, Kept>();
  readonly #holders = new Map<string, Holder>();
  #bytes = 0;

  constructor(bounds: KeepBounds, timers: Timers, begin: Begin) {
    this.#bounds = bounds;
    this.#timers = timers;
    this.#begin = begin;
  }

  figures(): KeepFigures {
    return { streams: this.#kept.size, bytes: this.#bytes };
  }

  /** Whether there is the answer that a call asks for. */
  has({ tenantId, keep }: Pick<CallRequest, "tenantId" | "keep">): boolean {
    return this.#kept.has(`${tenantId}\n${keep?.id}`);
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
    const body = streamOf(reply.body);
    const holder = this.#holders.get(tenantId) ??
      { streams: new Set(), alone: new Set(), bytes: 0 };
    if (
      body === undefined || reply.status < 200 || reply.status > 299 ||
      holder.streams.size >= this.#bounds.perTenant || this.#kept.has(key) ||
      (this.#kept.size >= this.#bounds.streams && !this.#makePlace(holder))
    ) return reply;
    signal?.removeEventListener("abort", onAbort);
    const kept: Kept = {
      key,
      tenantId,
      holder,
      place: placeOf(request),
      reply,
      stream: new KeptStream(body, this.#bounds.bytesPerStream, {
        onBytes: (change) => this.#count(kept, change),
        onLeft: () => this.#left(kept),
      }),
      expiry: undefined,
    };
    this.#kept.set(key, kept);
    this.#holders.set(tenantId, holder);
    holder.streams.add(kept);
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
    kept.holder.alone.delete(kept);
    const { body, leave } = kept.stream.open(from);
    if (signal?.aborted) leave(signal.reason);
    else signal?.addEventListener("abort", () => leave(signal.reason));
    return { ...kept.reply, body, kept: true };
  }

  #left(kept: Kept): void {
    if (this.#kept.get(kept.key) !== kept) return;
    kept.holder.alone.add(kept);
    kept.expiry = this.#timers.after(this.#bounds.ageMs, () => this.#drop(kept, stopped()));
  }

  #count(kept: Kept, change: number): void {
    this.#bytes += change;
    kept.holder.bytes += change;
    while (change > 0 && this.#bytes > this.#bounds.bytes) {
      if (!this.#makeRoom(kept)) return;
    }
  }

  /** At the expense of the tenant that keeps most streams, of those that nobody reads. */
  #makePlace(own: Holder): boolean {
    let most: Holder | undefined;
    for (const holder of this.#holders.values()) {
      const fewer = most === undefined || holder.streams.size > most.streams.size;
      if (holder.alone.size > 0 && fewer && holder.streams.size >= own.streams.size) most = holder;
    }
    const [oldest] = most?.alone ?? [];
    if (oldest !== undefined) this.#drop(oldest, stopped());
    return oldest !== undefined;
  }

  /** At the expense of the tenant that holds most: what another keeps within an equal part stays. */
  #makeRoom(growing: Kept): boolean {
    let { holder } = growing;
    for (const other of this.#holders.values()) if (other.bytes > holder.bytes) holder = other;
    const before = this.#bytes;
    if (holder === growing.holder) growing.stream.shrink();
    for (const oldest of holder.alone) {
      if (this.#bytes < before) return true;
      if (oldest !== growing) this.#drop(oldest, stopped());
    }
    if (this.#bytes === before) { for (const one of holder.streams) one.stream.shrink(); }
    return this.#bytes < before;
  }

  #drop(kept: Kept, reason: ConnectorError): void {
    if (this.#kept.get(kept.key) !== kept) return;
    this.#kept.delete(kept.key);
    const { holder, tenantId } = kept;
    holder.alone.delete(kept);
    holder.streams.delete(kept);
    kept.expiry?.cancel();
    kept.stream.drop(reason);
    if (holder.streams.size === 0) this.#holders.delete(tenantId);
  }
}

/** What is kept is counted and forgotten by the piece. */
const PIECE_BYTES = 16_384;

/** Whether an answer came at once or bit by bit is an accident of timing: what was streamed may arrive whole. */
function streamOf(body: CallReply["body"]): ReadableStream<Uint8Array> | undefined {
  if (body instanceof ReadableStream) return body;
  return body.length === 0 ? undefined : inPieces(body, PIECE_BYTES);
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
