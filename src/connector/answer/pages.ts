/** Lists that come in pages. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { jsonWithDigits } from "../../core/json.ts";
import { select } from "../../sse/mod.ts";
import { Call } from "../call/call.ts";
import { isRecord } from "../request/values.ts";
import type { ConnectorClient } from "../call/client.ts";
import { decode } from "../call/execute.ts";
import { prepare, type Work } from "../call/work.ts";
import type { CallOptions } from "../data/options.ts";
import type { NextPage, PageData } from "../data/pages.ts";
import type { OperationData } from "../data/operation.ts";
import type { Exchange } from "../data/request.ts";

/** One page of a list, and the way to the next. Iterating goes over the items of this page and of all that follow. */
export class Page<Value, Item> implements AsyncIterable<Item> {
  /** The whole answer of the API. */
  readonly data: Value;
  readonly items: readonly Item[];
  readonly #next: NextPage | ConnectorError | undefined;
  readonly #work: Work;
  readonly #trail: Trail;

  constructor(
    data: Value,
    items: readonly Item[],
    next: NextPage | ConnectorError | undefined,
    work: Work,
    trail: Trail,
  ) {
    this.data = data;
    this.items = items;
    this.#next = next;
    this.#work = work;
    this.#trail = trail;
  }

  hasNextPage(): boolean {
    return this.#next !== undefined;
  }

  /**
   * Throws `pages.none` after the last page, `pages.limit` above the spec's `maxPages`, and `pages.loop` or
   * `pages.foreign_origin` if the link to the next page cannot be right.
   */
  nextPage(): PageCall<Value, Item> {
    const next = this.#next;
    const { operation } = this.#work;
    const { maxPages } = operation.page as PageData;
    if (next === undefined) {
      throw pageError(
        "pages.none",
        `${operation.id} has no further page: check hasNextPage() first`,
      );
    }
    // Only now, so that the reader has got the items of this page.
    if (next instanceof ConnectorError) throw next;
    if (this.#trail.pages >= maxPages) {
      throw pageError(
        "pages.limit",
        `${operation.id} has more than ${maxPages} pages, which is the limit of its operation`,
      );
    }
    // Each page is a call of its own: with the same key an API would return the first one again.
    const { client, options: { idempotencyKey: _, ...options } } = this.#work;
    const at = { client, operation, options };
    const work = "url" in next
      ? { ...at, input: this.#work.input, url: next.url }
      : { ...at, input: next.input };
    const trail = {
      ...this.#trail,
      pages: this.#trail.pages + 1,
      seen: new Set(this.#trail.seen).add(next.token),
    };
    return pageCall(work, trail);
  }

  async *pages(): AsyncGenerator<Page<Value, Item>, void, undefined> {
    yield this;
    let next = this.hasNextPage() ? this.nextPage() : undefined;
    while (next !== undefined) {
      const page: Page<Value, Item> = await next;
      yield page;
      next = page.hasNextPage() ? page.nextPage() : undefined;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }

  toJSON(): Value {
    return this.data;
  }
}

/** The pages so far, and the tokens that led to them. */
interface Trail {
  readonly pages: number;
  readonly count: number;
  readonly longest: number;
  /** Items of the previous page. */
  readonly items: readonly unknown[];
  readonly seen: ReadonlySet<string>;
}

const START: Trail = { pages: 1, count: 0, longest: 0, items: [], seen: new Set() };

/** Await it for the first page, or iterate over all items directly. */
export class PageCall<Value, Item> extends Call<Page<Value, Item>> implements AsyncIterable<Item> {
  override readonly kind = "pages";

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    yield* await this;
  }

  async *pages(): AsyncGenerator<Page<Value, Item>, void, undefined> {
    yield* (await this).pages();
  }
}

export function pages<Value, Item>(
  client: ConnectorClient,
  operation: OperationData,
  input?: unknown,
  options?: CallOptions,
): PageCall<Value, Item> {
  return pageCall(prepare(client, operation, input, options), START);
}

function pageCall<Value, Item>(work: Work, trail: Trail): PageCall<Value, Item> {
  return new PageCall<Value, Item>(work, async (at, exchange) => {
    const value = await decode(at, exchange);
    const { items: path } = at.operation.page as PageData;
    const found = select(path, value);
    const items: readonly unknown[] = Array.isArray(found) ? found : [];
    const { id } = at.operation;
    if (isRepeated(items, trail.items)) {
      throw pageError("pages.loop", `${id} returned the items of the previous page again`);
    }
    const now: Trail = {
      ...trail,
      items,
      count: trail.count + items.length,
      longest: Math.max(trail.longest, items.length),
    };
    const next = follow(at, exchange, value, now);
    return new Page(value as Value, items as readonly Item[], next, at, now);
  });
}

/** A server that does not know the parameter for the next page returns the first one again and again. */
function isRepeated(items: readonly unknown[], before: readonly unknown[]): boolean {
  const [first] = items;
  return isRecord(first) && items.length === before.length &&
    jsonWithDigits(first) === jsonWithDigits(before[0]) &&
    jsonWithDigits(items) === jsonWithDigits(before);
}

function follow(
  work: Work,
  { reply, request }: Exchange,
  value: unknown,
  trail: Trail,
): NextPage | ConnectorError | undefined {
  const { id, page } = work.operation;
  const { next: find, sameOrigin, stopOnEmpty } = page as PageData;
  const { items } = trail;
  if (items.length === 0 && stopOnEmpty) return undefined;
  const next = find({ ...trail, input: work.input, value, reply, url: request.url });
  if (next === undefined) return undefined;
  const link = "url" in next ? next.url : undefined;
  if (trail.seen.has(next.token) || link === request.url) {
    // APIs repeat the token of a list that is read to its end; nothing is lost there.
    return items.length === 0 ? undefined : pageError(
      "pages.loop",
      `The next page of ${id} is one that was read before, so the list would never end`,
    );
  }
  if (link !== undefined && sameOrigin && new URL(link).origin !== new URL(request.url).origin) {
    return pageError(
      "pages.foreign_origin",
      `The next page of ${id} is at ${new URL(link).origin}: it must be at ${
        new URL(request.url).origin
      }`,
    );
  }
  return next;
}

function pageError(code: string, message: string): ConnectorError {
  return new ConnectorError({ errorClass: ErrorClass.Permanent, code, message, sent: "committed" });
}
