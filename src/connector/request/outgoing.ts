/** A request under construction. */

import type { HeaderBag, OutgoingRequest } from "../data/request.ts";
export function headerBag(entries: Iterable<readonly [string, string]> = []): HeaderBag {
  const bag = Object.create(null) as HeaderBag;
  for (const [name, value] of entries) bag[name.toLowerCase()] = value;
  return bag;
}

/** `query` is already encoded. */
export function addQuery(request: OutgoingRequest, query: string): void {
  if (query !== "") request.url += (request.url.includes("?") ? "&" : "?") + query;
}

/** Replaces or adds a field; null removes it. */
export function setHeaders(
  headers: HeaderBag,
  values: Readonly<Record<string, string | null>> | undefined,
): void {
  if (values === undefined) return;
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value === null) delete headers[name.toLowerCase()];
    else if (value !== undefined) headers[name.toLowerCase()] = value;
  }
}
