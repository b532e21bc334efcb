import { describe, expect, test } from "bun:test";
import {
  bearer,
  cursor,
  jsonBody,
  linkHeader,
  nextUrl,
  offset,
  type OperationData,
  pageNumber,
  pages,
  placeParameters,
  single,
} from "../../../../src/connector/mod.ts";
import { collect } from "../../../support/streams.ts";
import { type Answer, bodyText, client, FakeRuntime, GET, header, rejection } from "../support.ts";

type PageData = NonNullable<OperationData["page"]>;

const PARAMETERS = ["page", "offset", "cursor", "size"].map((
  name,
) => ({ name, in: "query" } as const));

function spec(page: Partial<PageData> & Pick<PageData, "next">): OperationData {
  return {
    ...GET,
    place: placeParameters,
    parameters: PARAMETERS,
    page: { items: ["data"], maxPages: 100, ...page },
  };
}

function list(
  answer: Answer,
  page: Partial<PageData> & Pick<PageData, "next">,
  input: Record<string, unknown> = {},
) {
  const runtime = new FakeRuntime(answer);
  const call = pages<{ data: number[] }, number>(client(runtime), spec(page), input);
  const queries = (): string[] => runtime.calls.map((one) => new URL(one.url).search);
  return { call, runtime, queries };
}

/** Ten items in pages of three, by whatever says where to go on. */
const TEN = Array.from({ length: 10 }, (_, index) => index);

describe("styles", () => {
  test("link header", async () => {
    const { call, queries } = list((_, index) => ({
      body: { data: [index] },
      headers: index < 2
        ? {
          Link: `<https://api.test/v1/things?page=1>; rel="prev", </v1/things?page=${
            index + 2
          }>; title="a, b"; rel="next last"`,
        }
        : { Link: `<https://api.test/v1/things?page=1>; rel="prev"` },
    }), { next: linkHeader("next"), sameOrigin: true });
    expect(await collect(call)).toEqual([0, 1, 2]);
    expect(queries()).toEqual(["", "?page=2", "?page=3"]);
  });

  test("a page has no idempotency key of the page before", async () => {
    const runtime = new FakeRuntime((_, index) => ({
      body: { data: [index], next: index < 1 ? "?cursor=c" : null },
    }));
    const call = pages(client(runtime), spec({ next: nextUrl(["next"]) }), {}, {
      idempotencyKey: "k",
    });
    expect(await collect(call)).toEqual([0, 1]);
    expect(runtime.calls.map((one) => header(one, "idempotency-key"))).toEqual(["k", undefined]);
  });

  test("URL in the body", async () => {
    const { call, queries } = list((_, index) => ({
      body: { data: [index], next: index < 2 ? `?cursor=c${index}` : null },
    }), { next: nextUrl(["next"]), sameOrigin: true });
    expect(await collect(call)).toEqual([0, 1, 2]);
    expect(queries()).toEqual(["", "?cursor=c0", "?cursor=c1"]);
  });

  test("cursor in the body, in a header, of the last item", async () => {
    const ends = [
      [
        cursor({ target: "cursor", body: ["meta", "next"] }),
        (index: number) => ({
          body: { data: [index], meta: { next: index < 2 ? `c${index}` : "" } },
        }),
      ],
      [cursor({ target: "cursor", header: "X-Next" }), (index: number) => ({
        body: { data: [index] },
        headers: index < 2 ? { "x-next": `c${index}` } : {},
      })],
      [cursor({ target: "cursor", lastItem: ["id"], more: ["has_more"] }), (index: number) => ({
        body: { data: [{ id: `c${index}` }], has_more: index < 2 },
      })],
    ] as const;
    for (const [next, answer] of ends) {
      const { call, queries } = list((_, index) => answer(index), { next });
      expect((await collect(call)).length).toBe(3);
      expect(queries()).toEqual(["", "?cursor=c0", "?cursor=c1"]);
    }
  });

  test("cursor into the body of the request", async () => {
    const runtime = new FakeRuntime((_, index) => ({
      body: { data: [index], next: index < 1 ? "c" : null },
    }));
    const post: OperationData = {
      ...GET,
      method: "POST",
      body: { encode: jsonBody, contentType: "application/json", required: true },
      page: {
        items: ["data"],
        maxPages: 10,
        next: cursor({ target: ["page", "after"], body: ["next"] }),
      },
    };
    expect(await collect(pages(client(runtime), post, { q: 1, page: { limit: 5 } }))).toEqual([
      0,
      1,
    ]);
    expect(runtime.calls.map(bodyText)).toEqual([
      '{"q":1,"page":{"limit":5}}',
      '{"q":1,"page":{"limit":5,"after":"c"}}',
    ]);
  });

  test("offset, until a page that is not full, a total, or a flag", async () => {
    const by = (more: object): Answer => (call) => {
      const at = Number(new URL(call.url).searchParams.get("offset") ?? 0);
      return { body: { data: TEN.slice(at, at + 3), total: 10, more: at + 3 < 10, ...more } };
    };
    const base = { target: "offset", start: 0, size: "size" } as const;
    const short = list(by({}), { next: offset(base) }, { size: 3 });
    expect(await collect(short.call)).toEqual(TEN);
    expect(short.queries()).toEqual([
      "?size=3",
      "?offset=3&size=3",
      "?offset=6&size=3",
      "?offset=9&size=3",
    ]);
    const total = list(by({ total: 6 }), { next: offset({ ...base, total: ["total"] }) });
    expect(await collect(total.call)).toEqual([0, 1, 2, 3, 4, 5]);
    const flag = list(by({}), { next: offset({ ...base, more: ["more"] }) });
    expect(await collect(flag.call)).toEqual(TEN);
    const from = list(by({}), { next: offset(base) }, { size: 3, offset: 6 });
    expect(await collect(from.call)).toEqual([6, 7, 8, 9]);
  });

  test("page number, from where the caller starts", async () => {
    const answer: Answer = (call) => {
      const page = Number(new URL(call.url).searchParams.get("page") ?? 1);
      return {
        body: { data: TEN.slice(page * 3 - 3, page * 3), pages: 4, total: 10, more: page < 4 },
      };
    };
    const base = { target: "page", start: 1, size: "size" } as const;
    for (
      const next of [
        pageNumber({ ...base, pages: ["pages"] }),
        pageNumber({ ...base, total: ["total"] }),
        pageNumber({ ...base, more: ["more"] }),
        pageNumber(base),
      ]
    ) {
      const { call, queries } = list(answer, { next }, { size: 3 });
      expect(await collect(call)).toEqual(TEN);
      expect(queries().at(-1)).toBe("?page=4&size=3");
    }
    const from = list(answer, { next: pageNumber({ ...base, pages: ["pages"] }) }, { page: 3 });
    expect(await collect(from.call)).toEqual([6, 7, 8, 9]);
  });

  test("single", async () => {
    const { call, runtime } = list(() => ({ body: { data: [1, 2] } }), { next: single });
    expect(await collect(call)).toEqual([1, 2]);
    expect(runtime.calls.length).toBe(1);
  });
});

describe("ways to read", () => {
  const answer: Answer = (_, index) => ({
    body: { data: [index], next: index < 2 ? `c${index}` : null },
  });
  const page = { next: cursor({ target: "cursor", body: ["next"] }) };

  test("nothing is sent before the first item is wanted, and no page before its turn", async () => {
    const { call, runtime } = list(answer, page);
    const items = call[Symbol.asyncIterator]();
    expect(runtime.calls.length).toBe(0);
    await items.next();
    expect(runtime.calls.length).toBe(1);
    await items.return?.(undefined);
    expect(runtime.calls.length).toBe(1);
  });

  test("page by page", async () => {
    const { call } = list(answer, page);
    const datas = (await collect(call.pages())).map((one) => one.data);
    expect(datas).toEqual(
      [{ data: [0], next: "c0" }, { data: [1], next: "c1" }, { data: [2], next: null }] as never,
    );
  });

  test("by hand", async () => {
    const { call } = list(answer, page);
    const first = await call;
    expect(first.items).toEqual([0]);
    expect(JSON.stringify(first)).toBe('{"data":[0],"next":"c0"}');
    expect(first.hasNextPage()).toBe(true);
    const { data, requestId } = await first.nextPage().withResponse();
    expect([data.items, requestId]).toEqual([[1], "run-2"]);
    const last = await data.nextPage();
    expect(last.hasNextPage()).toBe(false);
    expect(() => last.nextPage()).toThrow("no further page");
  });

  test("from a page on, its own items included", async () => {
    const second = await (await list(answer, page).call).nextPage();
    expect(await collect(second)).toEqual([1, 2]);
  });
});

describe("guards", () => {
  test("an empty page in the middle is passed over, as far as there is a fresh token or more to come", async () => {
    const datas = [[1], [], [], [2], []];
    const answer: Answer = (_, index) => ({
      body: {
        data: datas[index],
        next: index < 4 ? `?cursor=c${index}` : null,
        more: index < 4,
        pages: 5,
      },
    });
    for (
      const next of [
        cursor({ target: "cursor", body: ["next"] }),
        nextUrl(["next"]),
        pageNumber({ target: "page", start: 1, more: ["more"] }),
        pageNumber({ target: "page", start: 1, pages: ["pages"] }),
        offset({ target: "offset", start: 0, more: ["more"], size: "size" }),
      ]
    ) {
      const { call, runtime } = list(answer, { next }, { size: 1 });
      expect(await collect(call)).toEqual([1, 2]);
      expect(runtime.calls.length).toBe(5);
    }
  });

  test("an empty page is the last one where nothing else tells, or the spec says so", async () => {
    const answer: Answer = (_, index) => ({
      body: { data: index === 0 ? [1] : [], next: `c${index}` },
    });
    for (
      const page of [
        { next: cursor({ target: "cursor", body: ["next"] }), stopOnEmpty: true as const },
        { next: pageNumber({ target: "page", start: 1 }) },
        { next: offset({ target: "offset", start: 0 }) },
      ]
    ) {
      const { call, runtime } = list(answer, page);
      expect(await collect(call)).toEqual([1]);
      expect(runtime.calls.length).toBe(2);
    }
  });

  /** The items that came before the list failed, and how it failed. */
  async function untilFailure(call: AsyncIterable<unknown>): Promise<[unknown[], unknown]> {
    const items: unknown[] = [];
    const failure = await rejection((async () => {
      for await (const item of call) items.push(item);
    })());
    return [items, failure];
  }

  test("a repeated token is a loop, reported after the items of its page", async () => {
    const { call, runtime } = list(
      (_, index) => ({ body: { data: [index], next: ["a", "b", "a"][index] ?? "a" } }),
      {
        next: cursor({ target: "cursor", body: ["next"] }),
      },
    );
    const [items, failure] = await untilFailure(call);
    expect(items).toEqual([0, 1, 2]);
    expect(failure).toMatchObject({ code: "pages.loop" });
    expect(runtime.calls.length).toBe(3);
  });

  test("the token of an empty page may be the one that led to it", async () => {
    const { call } = list((_, index) => ({ body: { data: index === 0 ? [1] : [], next: "a" } }), {
      next: cursor({ target: "cursor", body: ["next"] }),
    });
    expect(await collect(call)).toEqual([1]);
  });

  test("a page that names itself as the next is a loop", async () => {
    const { call } = list(() => ({ body: { data: [1], next: "https://api.test/v1/things" } }), {
      next: nextUrl(["next"]),
    });
    const [items, failure] = await untilFailure(call);
    expect(items).toEqual([1]);
    expect(failure).toMatchObject({ code: "pages.loop" });
  });

  test("the same page again, from a server that does not know the parameter, is not handed out twice", async () => {
    for (
      const next of [
        offset({ target: "offset", start: 0 }),
        pageNumber({ target: "page", start: 1 }),
      ]
    ) {
      const { call } = list(() => ({ body: { data: [{ id: 1 }, { id: 2 }] } }), { next });
      const [items, failure] = await untilFailure(call);
      expect(items).toEqual([{ id: 1 }, { id: 2 }]);
      expect(failure).toMatchObject({ code: "pages.loop" });
    }
  });

  test("a server that gives fewer items than were asked for gives them all in the end", async () => {
    const capped = (parameter: string, extra: object): Answer => (call) => {
      const query = new URL(call.url).searchParams;
      const at = parameter === "page"
        ? (Number(query.get("page") ?? 1) - 1) * 3
        : Number(query.get("offset") ?? 0);
      return { body: { data: TEN.slice(at, at + 3), ...extra } };
    };
    const by = { target: "page", start: 1, size: "size" } as const;
    const from = { target: "offset", start: 0, size: "size" } as const;
    for (
      const [parameter, next, calls] of [
        ["page", pageNumber({ ...by, total: ["total"] }), 4],
        ["offset", offset({ ...from, total: ["total"] }), 4],
        ["page", pageNumber(by), 5],
        ["offset", offset(from), 5],
      ] as const
    ) {
      const { call, runtime } = list(capped(parameter, { total: 10 }), { next }, { size: 100 });
      expect(await collect(call)).toEqual(TEN);
      expect(runtime.calls.length).toBe(calls);
    }
    const middle = list(capped("page", { total: 10 }), {
      next: pageNumber({ ...by, total: ["total"] }),
    }, { size: 100, page: 3 });
    expect(await collect(middle.call)).toEqual([6, 7, 8, 9]);
    expect(middle.runtime.calls.length).toBe(2);
  });

  test("more pages than the spec allows are an error, not a silent end", async () => {
    const { call, runtime } = list((_, index) => ({ body: { data: [index], next: `c${index}` } }), {
      next: cursor({ target: "cursor", body: ["next"] }),
      maxPages: 3,
    });
    expect(await rejection(collect(call))).toMatchObject({ code: "pages.limit" });
    expect(runtime.calls.length).toBe(3);
  });

  test("a link to another origin is refused, or followed without credentials", async () => {
    const answer: Answer = (_, index) => ({
      body: { data: [index], next: index === 0 ? "https://evil.test/steal" : null },
    });
    const next = nextUrl(["next"]);
    expect(await rejection(collect(list(answer, { next, sameOrigin: true }).call))).toMatchObject({
      code: "pages.foreign_origin",
    });
    const runtime = new FakeRuntime(answer);
    const made = client(runtime, { auth: [bearer(["secret"])] });
    expect(await collect(pages(made, spec({ next })))).toEqual([0, 1]);
    expect(runtime.calls.map((call) => header(call, "authorization"))).toEqual([
      "Bearer secret",
      undefined,
    ]);
  });
});
