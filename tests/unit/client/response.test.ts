import { describe, expect, test } from "bun:test";
import { HTTPResponseHelper } from "../../../src/client/mod.ts";
import { ErrorClass } from "../../../src/core/errors.ts";
import { bytes, clientOver, failure, fakeTransport, streamOf } from "./helpers.ts";

const ALL = Uint8Array.from({ length: 256 }, (_, i) => i);

describe("executeHTTP", () => {
  test("answers with every field", async () => {
    const transport = fakeTransport(() => ({
      status: 404,
      headers: [
        ["Content-Type", "application/json"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        [
          "X-A",
          "1",
        ],
        ["x-a", "2"],
      ],
      body: bytes('{"a":"é"}'),
      attempts: 2,
    }));
    const response = await clientOver(transport).executeHTTP({ url: "http://a/" });
    expect(response).toMatchObject({
      requestId: "r1",
      statusCode: 404,
      status: 404,
      headers: { "content-type": "application/json", "set-cookie": "a=1\nb=2", "x-a": "1, 2" },
      durationUs: 12,
      attempts: 2,
      errorClass: ErrorClass.Success,
    });
    expect(response.headerList.length).toBe(5);
    expect(response.text()).toBe('{"a":"é"}');
    expect(response.json<{ a: string }>().a).toBe("é");
    expect(response.bytes()).toEqual(response.body);
  });

  test("collects a streamed body, byte by byte the same", async () => {
    const transport = fakeTransport(() => ({ body: streamOf(ALL, ALL) }));
    const { body } = await clientOver(transport).executeHTTP({ url: "http://a/" });
    expect([...body]).toEqual([...ALL, ...ALL]);
  });

  test("the body reads as text like a Buffer", async () => {
    const transport = fakeTransport(() => ({ body: bytes("hé") }));
    const { body } = await clientOver(transport).executeHTTP({ url: "http://a/" });
    expect(body.toString()).toBe("hé");
    expect(String(body)).toBe("hé");
    expect(body.toString("hex")).toBe("68c3a9");
    expect(body.toString("base64")).toBe(btoa("h\u00c3\u00a9"));
    expect(body.toString("latin1")).toBe("h\u00c3\u00a9");
    expect(await failure(() => body.toString("klingon"))).toMatchObject({
      code: "response.encoding",
    });
    expect(body).toBeInstanceOf(Uint8Array);
    expect(body.length).toBe(3);
  });

  test("a header called __proto__ does no harm", async () => {
    const transport = fakeTransport(() => ({ headers: [["__proto__", "x"], ["a", "1"]] }));
    const { headers } = await clientOver(transport).executeHTTP({ url: "http://a/" });
    expect(headers["a"]).toBe("1");
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  });

  test("a body above the limit is refused, whole or streamed, and the stream ended", async () => {
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(60)),
      cancel: () => {
        cancelled = true;
      },
    });
    for (const body of [new Uint8Array(101), endless]) {
      const client = clientOver(fakeTransport(() => ({ body })), { maxResponseBytes: 100 });
      expect(await failure(client.executeHTTP({ url: "http://a/" }))).toMatchObject({
        errorClass: ErrorClass.Permanent,
        code: "response.too_large",
      });
    }
    expect(cancelled).toBe(true);
  });
});

describe("streamHTTP", () => {
  test("hands the body over as it arrives, whole ones too", async () => {
    for (const body of [streamOf("one", "two"), bytes("onetwo")]) {
      const response = await clientOver(fakeTransport(() => ({ body }))).streamHTTP({
        url: "http://a/",
      });
      expect(response.body).toBeInstanceOf(ReadableStream);
      let text = "";
      for await (const chunk of response) text += new TextDecoder().decode(chunk);
      expect(text).toBe("onetwo");
    }
  });

  test("leaving the loop, cancel and a body not read to its end cancel the source", async () => {
    for (const leave of ["break", "cancel", "events"] as const) {
      let cancelled = 0;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(bytes("data: 1\n\n")),
        cancel: () => {
          cancelled++;
        },
      });
      const response = await clientOver(fakeTransport(() => ({ body }))).streamHTTP({
        url: "http://a/",
      });
      if (leave === "break") { for await (const _ of response) break; }
      else if (leave === "cancel") await response.cancel("enough");
      else for await (const _ of response.events()) break;
      expect(cancelled).toBe(1);
    }
  });

  test("reads as text, JSON, bytes and events", async () => {
    const respond = (body: string) =>
      clientOver(fakeTransport(() => ({ body: streamOf(body) }))).streamHTTP({ url: "http://a/" });
    expect(await (await respond("é")).text()).toBe("é");
    expect(await (await respond("[1]")).json<number[]>()).toEqual([1]);
    expect(await (await respond("ab")).bytes()).toEqual(bytes("ab"));
    const events = [];
    for await (const event of (await respond("event: a\ndata: 1\n\ndata: 2\n\n")).events()) {
      events.push([event.event, event.data]);
    }
    expect(events).toEqual([["a", "1"], [undefined, "2"]]);
  });
});

describe("HTTPResponseHelper", () => {
  test("tells statuses apart", () => {
    const answers = [199, 200, 299, 304, 404, 500, 599, 600].map((statusCode) =>
      [
        HTTPResponseHelper.is2xx({ statusCode }),
        HTTPResponseHelper.is3xx({ statusCode }),
        HTTPResponseHelper.is4xx({ statusCode }),
        HTTPResponseHelper.is5xx({ statusCode }),
      ].indexOf(true)
    );
    expect(answers).toEqual([-1, 0, 0, 1, 2, 3, 3, -1]);
  });

  test("reads bodies and headers, of our responses and of the existing SDK's", async () => {
    const client = clientOver(
      fakeTransport(() => ({ body: bytes('{"a":1}'), headers: [["Retry-After", "5"]] })),
    );
    const ours = await client.executeHTTP({ url: "http://a/" });
    const theirs = { statusCode: 200, headers: { "Retry-After": "5" }, body: '{"a":1}' };
    for (const response of [ours, theirs]) {
      expect(HTTPResponseHelper.getBodyAsString(response)).toBe('{"a":1}');
      expect(HTTPResponseHelper.getBodyAsJSON<{ a: number }>(response).a).toBe(1);
      expect(HTTPResponseHelper.getHeader(response, "RETRY-after")).toBe("5");
      expect(HTTPResponseHelper.getHeader(response, "x")).toBe(undefined);
    }
    expect(HTTPResponseHelper.getBodyAsString({ body: Uint8Array.from([233]) }, "latin1")).toBe(
      "é",
    );
  });
});
