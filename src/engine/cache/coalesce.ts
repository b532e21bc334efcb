/** Identical GETs share one answer while it is in progress. */
import type { CallRequest } from "../../core/call.ts";
import { Flight } from "../state/flight.ts";

/** They differ from call to call but do not affect the answer. */
const OF_ONE_CALL: ReadonlySet<string> = new Set(["traceparent", "tracestate", "x-request-id"]);

/** Undefined if the call cannot be shared. Tenant, connector and every header (so the credentials too) are part of it. */
export function coalescingKey(request: CallRequest): string | undefined {
  const { method, body, tenantId, connector, url, headers } = request;
  if (method !== "GET" || body !== null) return undefined;
  // No part can contain a line feed, so nobody can forge a request that looks like another's.
  let key = `${encodeURIComponent(tenantId)}\n${encodeURIComponent(connector)}\n${url}`;
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!OF_ONE_CALL.has(lower)) key += `\n${lower}:${value}`;
  }
  return key;
}

export class Coalescer<V> {
  readonly #flights = new Map<string, Flight<V>>();

  get size(): number {
    return this.#flights.size;
  }

  /** The call in progress to join; undefined: make it, and call `land` or `giveUp`. */
  begin(key: string): Flight<V> | undefined {
    const flight = this.#flights.get(key);
    if (flight === undefined) this.#flights.set(key, new Flight());
    return flight;
  }

  answer(key: string, answer: V): void {
    this.#take(key)?.land({ kind: "answer", answer });
  }

  fail(key: string, error: unknown): void {
    this.#take(key)?.land({ kind: "error", error });
  }

  /** Its caller no longer wants it: the next one that joined makes it. */
  giveUp(key: string): void {
    if (this.#flights.get(key)?.handOver() === false) this.#flights.delete(key);
  }

  #take(key: string): Flight<V> | undefined {
    const flight = this.#flights.get(key);
    this.#flights.delete(key);
    return flight;
  }
}
