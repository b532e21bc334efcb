/** Caches resolved names for as long as the answer says, with one query in flight per name. */
import type { CallSignal } from "../core/async/call_signal.ts";
import type { Clock } from "../core/clock.ts";
import type { PinnedAddress } from "../core/rules/pinned_address.ts";

/** `signal`: nobody waits for the answer any more. `tenantId`: whose question it is. */
export type Resolve = (
  host: string,
  signal: AbortSignal,
  tenantId: string,
) => Promise<readonly (PinnedAddress & { readonly ttlMs: number })[]>;

export interface Resolver {
  readonly resolve?: Resolve;
}

/** A question that is being asked, for all calls of a tenant that wait for it. */
interface Question {
  readonly answer: Promise<readonly PinnedAddress[]>;
  readonly controller: AbortController;
  waiting: number;
}

interface Answer {
  readonly addresses: readonly PinnedAddress[];
  readonly until: number;
}

/** The longest time an answer is kept, whatever its TTL: a failover must not take an hour to notice. */
const MAX_TTL_MS = 60_000;
/** Many resolvers answer 0, meaning "do not cache"; without a floor each call would query. */
const MIN_TTL_MS = 1_000;
const MAX_NAMES = 1_000;

export interface DnsCache {
  /** Synchronous if cached. */
  lookup(
    host: string,
    signal: CallSignal,
    tenantId: string,
  ): readonly PinnedAddress[] | Promise<readonly PinnedAddress[]>;
}

export function createDnsCache(resolve: Resolve, clock: Clock): DnsCache {
  const answers = new Map<string, Answer>();
  /** By tenant and host: what one tenant has to wait for is not another's. */
  const asking = new Map<string, Question>();

  async function ask(
    host: string,
    signal: AbortSignal,
    tenantId: string,
  ): Promise<readonly PinnedAddress[]> {
    const found = await resolve(host, signal, tenantId);
    const ttl = Math.min(...found.map((address) => address.ttlMs), MAX_TTL_MS);
    const addresses = found.map(({ address, family }) => ({ address, family }));
    const oldest = answers.keys().next();
    if (answers.size >= MAX_NAMES && !oldest.done) answers.delete(oldest.value);
    answers.set(host, { addresses, until: clock.monotonic() + Math.max(ttl, MIN_TTL_MS) });
    return addresses;
  }

  async function awaited(
    host: string,
    signal: CallSignal,
    tenantId: string,
  ): Promise<readonly PinnedAddress[]> {
    const question = questionOf(host, tenantId);
    question.waiting++;
    try {
      return await abortable(question.answer, signal);
    } catch (error) {
      // It was given up before this call joined.
      const givenUp = error === question.controller.signal.reason && !signal.aborted;
      if (givenUp) return await awaited(host, signal, tenantId);
      throw error;
    } finally {
      // Shared by every call that waits, so only the last one that leaves may end it.
      if (--question.waiting === 0) question.controller.abort();
    }
  }

  function questionOf(host: string, tenantId: string): Question {
    const key = `${tenantId} ${host}`;
    const known = asking.get(key);
    if (known !== undefined) return known;
    const controller = new AbortController();
    const answer = ask(host, controller.signal, tenantId).finally(() => asking.delete(key));
    // Its failure is that of the calls that wait, of which there may be none left.
    answer.catch(() => {});
    const question = { answer, controller, waiting: 0 };
    asking.set(key, question);
    return question;
  }

  return {
    lookup(host, signal, tenantId) {
      const answer = answers.get(host);
      if (answer !== undefined) {
        if (answer.until > clock.monotonic()) return answer.addresses;
        answers.delete(host);
      }
      return awaited(host, signal, tenantId);
    },
  };
}

/** The same promise, abandoned when the signal aborts; the work itself continues for the others. */
export function abortable<T>(work: Promise<T>, signal: CallSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    work.then((value) => {
      signal.removeEventListener("abort", stop);
      resolve(value);
    }, (error: unknown) => {
      signal.removeEventListener("abort", stop);
      reject(error);
    });
  });
}
