/** Caches resolved names for as long as the answer says, with one query in flight per name. */
import type { CallSignal } from "../core/async/call_signal.ts";
import type { Clock } from "../core/clock.ts";
import type { PinnedAddress } from "../core/rules/pinned_address.ts";

export type Resolve = (
  host: string,
  signal: AbortSignal,
) => Promise<readonly (PinnedAddress & { readonly ttlMs: number })[]>;

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
  ): readonly PinnedAddress[] | Promise<readonly PinnedAddress[]>;
}

export function createDnsCache(resolve: Resolve, clock: Clock): DnsCache {
  const answers = new Map<string, Answer>();
  const asking = new Map<string, Promise<readonly PinnedAddress[]>>();

  async function ask(host: string): Promise<readonly PinnedAddress[]> {
    // Shared by every call that waits, so no single caller's signal may end it: resolvers have timeouts of their own.
    const found = await resolve(host, new AbortController().signal);
    const ttl = Math.min(...found.map((address) => address.ttlMs), MAX_TTL_MS);
    const addresses = found.map(({ address, family }) => ({ address, family }));
    const oldest = answers.keys().next();
    if (answers.size >= MAX_NAMES && !oldest.done) answers.delete(oldest.value);
    answers.set(host, { addresses, until: clock.monotonic() + Math.max(ttl, MIN_TTL_MS) });
    return addresses;
  }

  return {
    lookup(host, signal) {
      const answer = answers.get(host);
      if (answer !== undefined) {
        if (answer.until > clock.monotonic()) return answer.addresses;
        answers.delete(host);
      }
      let question = asking.get(host);
      if (question === undefined) {
        question = ask(host).finally(() => asking.delete(host));
        asking.set(host, question);
      }
      return abortable(question, signal);
    },
  };
}

/** The same promise, abandoned when the signal aborts; the work itself continues for the others. */
export function abortable<T>(work: Promise<T>, signal: CallSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
