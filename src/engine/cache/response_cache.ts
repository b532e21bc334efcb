/**
 * Answers to GETs, kept as in a private cache (a subset of RFC 9111): per tenant, connector and
 * credentials. Only whole answers with a lifetime or a validator of their own are stored.
 */
import type { CallRequest, HeaderList } from "../../core/call.ts";
import { fieldBytes, firstHeader } from "../../core/headers.ts";
import { CREDENTIALS } from "../../http/credentials.ts";
import { type ShelfBounds, type Shelved, Shelves } from "../state/shelves.ts";
import { cacheControl } from "./cache_control.ts";
import { ageMs, type Exchanged, type Freshness, freshness } from "./freshness.ts";

export interface CacheBounds extends ShelfBounds {
  readonly answerBytes: number;
}

export const USUAL_CACHE: CacheBounds = {
  answerBytes: 1 << 20,
  bytesPerTenant: 16 << 20,
  bytes: 64 << 20,
};

export interface StoredAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

export type Lookup =
  /** Can be used, with this `Age` (seconds). */
  | { readonly kind: "fresh"; readonly answer: StoredAnswer; readonly age: number }
  /** Must be revalidated with these headers; a 304 then goes to `renew`. */
  | { readonly kind: "stale"; readonly stored: Stored; readonly validators: HeaderList };

/** What an answer takes besides its text and body, measured: objects, lists, and maps where it is a tenant's only one. */
const ENTRY_BYTES = 4_096;
/** Request headers that make an answer specific to one request. */
const OWN_CONDITIONS: ReadonlySet<string> = new Set([
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
  "range",
]);
const STATUSES: readonly number[] = [200, 203, 300, 301, 308, 404, 410];
/** Answers for one URL that differ by `Vary` or credentials. */
const MOST_VARIANTS = 8;
/** A 304 must not change how the stored body is described (RFC 9111, 3.2). */
const OF_THE_BODY = /^(?:content-(?:encoding|length|range|type)|transfer-encoding|age)$/i;

export class Stored implements Shelved<Stored> {
  previous: Stored | undefined;
  next: Stored | undefined;
  list: unknown;
  readonly tenantId: string;
  /** A connector's calls may get credentials that are not in the request yet. */
  readonly connector: string;
  readonly url: string;
  /** Request headers that select this answer, with their values. */
  readonly selecting: readonly (readonly [name: string, value: string])[];
  answer: StoredAnswer;
  freshness: Freshness;
  bytes: number;

  constructor(
    { tenantId, connector, url }: CallRequest,
    selecting: readonly (readonly [name: string, value: string])[],
    answer: StoredAnswer,
    fresh: Freshness,
  ) {
    this.tenantId = tenantId;
    this.connector = connector;
    this.url = url;
    this.selecting = selecting;
    this.answer = answer;
    this.freshness = fresh;
    this.bytes = this.size();
  }

  size(): number {
    const { url, selecting, answer } = this;
    const text = url.length + fieldBytes(selecting) + fieldBytes(answer.headers);
    return ENTRY_BYTES + text + answer.body.length;
  }

  matches(request: CallRequest): boolean {
    const { connector, headers, policy } = request;
    if (connector !== this.connector) return false;
    if (!this.selecting.every(([name, value]) => valuesOf(headers, name) === value)) return false;
    // This request may mark headers as secret that the earlier one did not.
    return policy?.secretHeaders?.every((secret) =>
      this.selecting.some(([name]) => name === secret) || valuesOf(headers, secret) === ""
    ) ?? true;
  }
}

/** A question that is under way. */
export interface Asking {
  readonly key: string;
  /** The URL may have been changed meanwhile, so that the answer may be that of before. */
  overtaken: boolean;
}

export class ResponseCache {
  readonly #bounds: CacheBounds;
  readonly #shelves: Shelves<Stored>;
  /** By tenant, then by URL. */
  readonly #tenants = new Map<string, Map<string, Stored[]>>();
  /** By tenant and URL. */
  readonly #asking = new Map<string, Set<Asking>>();

  constructor(bounds: CacheBounds = USUAL_CACHE) {
    this.#bounds = bounds;
    this.#shelves = new Shelves(() => bounds, (stored) => this.#unlist(stored));
  }

  get bytes(): number {
    return this.#shelves.bytes;
  }

  find(request: CallRequest, now: number): Lookup | undefined {
    if (!isCacheable(request)) return undefined;
    const stored = this.#tenants.get(request.tenantId)?.get(request.url)
      ?.find((one) => one.matches(request));
    if (stored === undefined) return undefined;
    // The most recently used one goes last.
    this.#shelves.remove(stored);
    this.#shelves.add(stored);
    const age = ageMs(stored.freshness, now);
    const asked = cacheControl(request.headers);
    const most = Math.min(stored.freshness.lifetimeMs, asked.maxAgeMs ?? Infinity);
    if (!asked.noCache && age < most) {
      return { kind: "fresh", answer: stored.answer, age: Math.floor(age / 1_000) };
    }
    const validators = validatorsOf(stored.answer.headers);
    return validators.length === 0 ? undefined : { kind: "stale", stored, validators };
  }

  /** A question goes to the API; `end` has to follow. */
  begin(request: CallRequest): Asking {
    const asking = { key: keyOf(request), overtaken: false };
    const others = this.#asking.get(asking.key) ?? new Set();
    this.#asking.set(asking.key, others.add(asking));
    return asking;
  }

  end(asking: Asking): void {
    const others = this.#asking.get(asking.key);
    others?.delete(asking);
    if (others?.size === 0) this.#asking.delete(asking.key);
  }

  /** Stores an answer if that is allowed, and no change has overtaken its question. */
  store(request: CallRequest, answer: StoredAnswer, at: Exchanged, asking?: Asking): void {
    if (!isCacheable(request) || asking?.overtaken === true) return;
    this.#replace(request);
    const vary = valuesOf(answer.headers, "vary");
    if (!STATUSES.includes(answer.status) || vary.includes("*")) return;
    // A session opened for one caller must not reach another.
    if (cacheControl(answer.headers).noStore || valuesOf(answer.headers, "set-cookie") !== "") {
      return;
    }
    const fresh = freshness(answer.headers, at);
    const useful = fresh.lifetimeMs > fresh.ageMs || validatorsOf(answer.headers).length > 0;
    if (!useful) return;
    const names = [...CREDENTIALS, ...request.policy?.secretHeaders ?? [], ...listOf(vary)];
    const selecting = [...new Set(names.map((name) => name.toLowerCase()))]
      .map((name) => [name, valuesOf(request.headers, name)] as const);
    const stored = new Stored(request, selecting, answer, fresh);
    if (stored.bytes - ENTRY_BYTES > this.#bounds.answerBytes) return;
    this.#list(stored);
    this.#shelves.add(stored);
  }

  /** A 304 says that the stored answer is still valid. Returns the updated answer. */
  renew(stored: Stored, headers: HeaderList, at: Exchanged): StoredAnswer {
    const changed = new Set(headers.map(([name]) => name.toLowerCase()));
    const kept = stored.answer.headers.filter(([name]) =>
      OF_THE_BODY.test(name) ? !/^age$/i.test(name) : !changed.has(name.toLowerCase())
    );
    const fresh = headers.filter(([name]) => !OF_THE_BODY.test(name) || /^age$/i.test(name));
    stored.answer = { ...stored.answer, headers: [...kept, ...fresh] };
    stored.freshness = freshness(stored.answer.headers, at);
    const isKept = stored.list !== undefined;
    this.#shelves.remove(stored);
    stored.bytes = stored.size();
    if (isKept) this.#shelves.add(stored);
    return stored.answer;
  }

  /** After a call that may have changed something (anything but GET, HEAD, OPTIONS, TRACE) at its URL. */
  invalidate(request: CallRequest): void {
    for (const asking of this.#asking.get(keyOf(request)) ?? []) asking.overtaken = true;
    for (const stored of [...this.#tenants.get(request.tenantId)?.get(request.url) ?? []]) {
      this.#drop(stored);
    }
  }

  #replace(request: CallRequest): void {
    const variants = this.#tenants.get(request.tenantId)?.get(request.url) ?? [];
    for (const stored of variants.filter((one) => one.matches(request))) this.#drop(stored);
  }

  #list(stored: Stored): void {
    const urls = this.#tenants.get(stored.tenantId) ?? new Map<string, Stored[]>();
    this.#tenants.set(stored.tenantId, urls);
    const variants = urls.get(stored.url) ?? [];
    urls.set(stored.url, variants);
    variants.push(stored);
    const [oldest] = variants;
    if (variants.length > MOST_VARIANTS && oldest !== undefined) this.#drop(oldest);
  }

  #drop(stored: Stored): void {
    this.#shelves.remove(stored);
    this.#unlist(stored);
  }

  #unlist(stored: Stored): void {
    const urls = this.#tenants.get(stored.tenantId);
    const variants = urls?.get(stored.url);
    if (urls === undefined || variants === undefined) return;
    const at = variants.indexOf(stored);
    if (at >= 0) variants.splice(at, 1);
    if (variants.length === 0) urls.delete(stored.url);
    if (urls.size === 0) this.#tenants.delete(stored.tenantId);
  }
}

function keyOf({ tenantId, url }: CallRequest): string {
  return `${tenantId}\n${url}`;
}

function isCacheable({ method, headers, body }: CallRequest): boolean {
  if (method !== "GET" || body !== null || cacheControl(headers).noStore) return false;
  return !headers.some(([name]) => OWN_CONDITIONS.has(name.toLowerCase()));
}

function validatorsOf(headers: HeaderList): HeaderList {
  const etag = firstHeader(headers, "etag");
  const modified = firstHeader(headers, "last-modified");
  const validators: (readonly [string, string])[] = [];
  if (etag !== undefined) validators.push(["if-none-match", etag]);
  if (modified !== undefined) validators.push(["if-modified-since", modified]);
  return validators;
}

/** All lines of that name; empty if there are none. */
function valuesOf(headers: HeaderList, name: string): string {
  let values = "";
  for (const [field, value] of headers) {
    if (field.length !== name.length || field.toLowerCase() !== name) continue;
    values = values === "" ? value : `${values}, ${value}`;
  }
  return values;
}

function listOf(text: string): string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}
