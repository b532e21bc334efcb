/** Lists that come in pages. */
import { ConnectorError, ErrorClass } from "../../core/errors.ts";
import { select } from "../../sse/mod.ts";
import { Call } from "../call/call.ts";
import type { ConnectorClient } from "../call/client.ts";
import { decode, prepare, type Work } from "../call/execute.ts";
import type { CallOptions } from "../data/options.ts";
import type { NextPage, PageData } from "../data/pages.ts";
import type { OperationData } from "../data/operation.ts";
import type { Exchange } from "../data/request.ts";

/** One page of a list, and the way to the next. Iterating goes over the items of this page and of all that follow. */
export class Page<Value, Item> implements AsyncIterable<Item> {
  /** The answer as the API gave it. */
  readonly data: Value;
  readonly items: readonly Item[];
  readonly #next: NextPage | undefined;
  readonly #work: Work;
  readonly #trail: Trail;

  constructor(
    data: Value,
    items: readonly Item[],
    next: NextPage | undefined,
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

  /** Throws `pages.none` after the last page and with `pages.limit` above the spec's `maxPages`. */
  nextPage(): PageCall<Value, Item> {
    const next = this.#next;
    const { operation } = this.#work;
    const { maxPages } = operation.page as PageData;
    if (next === undefined) {
      throw pageError("pages.none", `${operation.id} has no further page: ask hasNextPage() first`);
    }
    if (this.#trail.count >= maxPages) {
      throw pageError(
        "pages.limit",
        `${operation.id} has more than ${maxPages} pages, which is the limit of its operation`,
      );
    }
    // Each page is a call of its own: under the same key an API would give the first one again.
    const { client, options: { idempotencyKey: _, ...options } } = this.#work;
    const at = { client, operation, options };
    const work = "url" in next
      ? { ...at, input: this.#work.input, url: next.url }
      : { ...at, input: next.input };
    const trail = { count: this.#trail.count + 1, seen: new Set(this.#trail.seen).add(next.token) };
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

/** Pages so far, and the tokens that led to them. */
interface Trail {
  readonly count: number;
  readonly seen: ReadonlySet<string>;
}

/** Await it for the first page, or iterate over all items right away. */
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
  return pageCall(prepare(client, operation, input, options), { count: 1, seen: new Set() });
}

function pageCall<Value, Item>(work: Work, trail: Trail): PageCall<Value, Item> {
  return new PageCall<Value, Item>(work, async (at, exchange) => {
    const value = await decode(at, exchange);
    const { items: path } = at.operation.page as PageData;
    const found = select(path, value);
    const items: readonly unknown[] = Array.isArray(found) ? found : [];
    return new Page(
      value as Value,
      items as readonly Item[],
      follow(at, exchange, value, items, trail),
      at,
      trail,
    );
  });
}

function follow(
  work: Work,
  { reply, request }: Exchange,
  value: unknown,
  items: readonly unknown[],
  trail: Trail,
): NextPage | undefined {
  // An empty page and a token that was seen before are how endless lists look.
  const operation = work.operation.page as PageData;
  if (items.length === 0 && !operation.emptyPages) return undefined;
  const next = operation.next({ input: work.input, value, items, reply, url: request.url });
  if (next === undefined || trail.seen.has(next.token)) return undefined;
  if (
    operation.sameOrigin && "url" in next &&
    new URL(next.url).origin !== new URL(request.url).origin
  ) {
    throw pageError(
      "pages.foreign_origin",
      `The next page of ${work.operation.id} is said to be at ${
        new URL(next.url).origin
      }: it must be at ${new URL(request.url).origin}`,
    );
  }
  return next;
}

function pageError(code: string, message: string): ConnectorError {
  return new ConnectorError({ errorClass: ErrorClass.Permanent, code, message, sent: "committed" });
}
