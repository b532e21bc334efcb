/** A request while it is put together. */

/** Lower-case names. Without a prototype, so that no name means anything. */
export type HeaderBag = Record<string, string>;

export interface OutgoingRequest {
  readonly operation: string;
  method: string;
  /** Absolute. */
  url: string;
  readonly headers: HeaderBag;
  body: Uint8Array | ReadableStream<Uint8Array> | null;
  /** Lower-case names of headers that must not be shown or sent to another origin. */
  readonly secretHeaders: Set<string>;
  /** What was made from secrets for this request alone, such as a signature. It must not be shown. */
  readonly secrets: string[];
}

export function headerBag(entries: Iterable<readonly [string, string]> = []): HeaderBag {
  const bag = Object.create(null) as HeaderBag;
  for (const [name, value] of entries) bag[name.toLowerCase()] = value;
  return bag;
}

/** `query` is already encoded. */
export function addQuery(request: OutgoingRequest, query: string): void {
  if (query !== "") request.url += (request.url.includes("?") ? "&" : "?") + query;
}

/** Replaced or added; null takes it out. */
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
