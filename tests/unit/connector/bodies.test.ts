import { describe, expect, test } from "bun:test";
import {
  binaryBody,
  call,
  formBody,
  jsonBody,
  jsonResult,
  multipartBody,
  type OperationData,
  placeParameters,
  textBody,
} from "../../../src/connector/mod.ts";
import { bodyText, client, FakeRuntime, header, rejection } from "./support.ts";

type Body = NonNullable<OperationData["body"]>;

async function sent(body: Body, input: Record<string, unknown>, more: Partial<OperationData> = {}) {
  const runtime = new FakeRuntime();
  const spec: OperationData = {
    id: "op",
    method: "POST",
    path: "/x",
    result: jsonResult,
    body,
    ...more,
  };
  await call(client(runtime), spec, input);
  return runtime.last;
}

const json: Body = { encode: jsonBody, contentType: "application/json", required: true };

describe("JSON", () => {
  test("is the whole input, or what is not a parameter, or one property", async () => {
    const whole = await sent(json, { a: 1, b: undefined, c: null });
    expect(bodyText(whole)).toBe('{"a":1,"c":null}');
    expect(header(whole, "content-type")).toBe("application/json");
    const place = { place: placeParameters, parameters: [{ name: "q", in: "query" }] } as const;
    expect(bodyText(await sent(json, { q: 1, a: 2 }, place))).toBe('{"a":2}');
    expect(bodyText(await sent({ ...json, key: "list" }, { list: [1, 2] }))).toBe("[1,2]");
  });

  test("is left out if it is optional and empty", async () => {
    const optional: Body = { encode: jsonBody, contentType: "application/json" };
    expect((await sent(optional, {})).body).toBeNull();
    expect(header(await sent(optional, {}), "content-type")).toBeUndefined();
    expect((await sent({ ...optional, key: "list" }, {})).body).toBeNull();
    expect(bodyText(await sent(optional, { a: 1 }))).toBe('{"a":1}');
    expect(bodyText(await sent(json, {}))).toBe("{}");
  });

  test("is refused when it is needed and missing", async () => {
    expect(await rejection(sent({ ...json, key: "list" }, {}))).toMatchObject({
      code: "request.body",
    });
  });
});

describe("form", () => {
  const value = {
    a: "b c&d",
    list: [1, 2],
    deep: { x: { y: true } },
    skip: undefined,
    none: null,
    items: [{ id: 1 }],
  };
  const rows: [string, Partial<Body>, string][] = [
    ["brackets", {}, "a=b+c%26d&list=1&list=2&deep%5Bx%5D%5By%5D=true&items%5B0%5D%5Bid%5D=1"],
    [
      "indices",
      { arrays: "indices" },
      "a=b+c%26d&list%5B0%5D=1&list%5B1%5D=2&deep%5Bx%5D%5By%5D=true&items%5B0%5D%5Bid%5D=1",
    ],
    [
      "empty brackets",
      { arrays: "brackets" },
      "a=b+c%26d&list%5B%5D=1&list%5B%5D=2&deep%5Bx%5D%5By%5D=true&items%5B0%5D%5Bid%5D=1",
    ],
    ["dots", { nested: "dots" }, "a=b+c%26d&list=1&list=2&deep.x.y=true&items%5B0%5D.id=1"],
    [
      "JSON",
      { nested: "json" },
      "a=b+c%26d&list=%5B1%2C2%5D&deep=%7B%22x%22%3A%7B%22y%22%3Atrue%7D%7D&items=%5B%7B%22id%22%3A1%7D%5D",
    ],
  ];
  for (const [name, options, text] of rows) {
    test(name, async () => {
      const call = await sent({
        encode: formBody,
        contentType: "application/x-www-form-urlencoded",
        ...options,
      }, value);
      expect(bodyText(call)).toBe(text);
      expect(header(call, "content-type")).toBe("application/x-www-form-urlencoded");
    });
  }

  test("commas", async () => {
    const call = await sent({ encode: formBody, contentType: "x", arrays: "comma" }, {
      list: [1, 2],
    });
    expect(bodyText(call)).toBe("list=1%2C2");
  });
});

describe("multipart", () => {
  const body: Body = { encode: multipartBody, contentType: "multipart/form-data", required: true };

  /** The headers of each part, and its content, read as strictly as RFC 7578 allows. */
  async function parts(options: Partial<Body>, input: Record<string, unknown>) {
    const call = await sent({ ...body, ...options }, input);
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(
      header(call, "content-type") ?? "",
    )?.[1];
    const bytes = call.body instanceof Uint8Array
      ? call.body
      : new Uint8Array(await new Response(call.body).arrayBuffer());
    // Latin-1 keeps every byte as one character.
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    const found = text.split(`--${boundary}`);
    expect(found[0]).toBe("");
    expect(found.at(-1)).toBe("--\r\n");
    return found.slice(1, -1).map((part) => {
      const [, head = "", content = ""] = /^\r\n([^]*?)\r\n\r\n([^]*)\r\n$/.exec(part) ?? [];
      return {
        head: head.replace("Content-Disposition: form-data; ", "").replace(
          "\r\nContent-Type: ",
          " ",
        ),
        content,
      };
    });
  }

  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  const content = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

  test("texts and files of every kind, in order, byte for byte", async () => {
    const found = await parts({}, {
      purpose: "fine-tune",
      bytes,
      buffer: bytes.buffer,
      blob: new Blob([bytes], { type: "image/png" }),
      file: new File([bytes], "own.bin"),
      named: { data: bytes, name: 'a"b\r\n.jsonl', type: "application/jsonl" },
      stream: new Blob([bytes]).stream(),
      list: [new File([bytes], "1.txt"), new File([bytes], "2.txt")],
      count: 3,
    });
    expect(found.map((part) => part.head)).toEqual([
      'name="purpose"',
      'name="bytes"; filename="bytes" application/octet-stream',
      'name="buffer"; filename="buffer" application/octet-stream',
      'name="blob"; filename="blob" image/png',
      'name="file"; filename="own.bin" application/octet-stream',
      'name="named"; filename="a%22b%0D%0A.jsonl" application/jsonl',
      'name="stream"; filename="stream" application/octet-stream',
      'name="list"; filename="1.txt" application/octet-stream',
      'name="list"; filename="2.txt" application/octet-stream',
      'name="count"',
    ]);
    expect(found.map((part) => part.content)).toEqual([
      "fine-tune",
      ...Array<string>(8).fill(content),
      "3",
    ]);
  });

  test("parts with a type of their own", async () => {
    const [meta] = await parts({ parts: { meta: "application/json" } }, { meta: { a: [1] } });
    expect(meta).toEqual({ head: 'name="meta" application/json', content: '{"a":[1]}' });
  });

  test("small ones are bytes that can be sent again, large ones are streamed", async () => {
    expect((await sent(body, { file: new Blob(["x"]) })).body).toBeInstanceOf(Uint8Array);
    expect((await sent(body, { file: new Blob([new Uint8Array(2_000_000)]) })).body).toBeInstanceOf(
      ReadableStream,
    );
    const [part] = await parts({}, { file: new Blob([new Uint8Array(2_000_000)]) });
    expect(part?.content.length).toBe(2_000_000);
  });

  test("an object that happens to have data is not a file", async () => {
    expect(await parts({}, { thing: { data: { x: 1 } } })).toEqual([{
      head: 'name="thing[data][x]"',
      content: "1",
    }]);
  });
});

describe("binary and text", () => {
  const body: Body = {
    encode: binaryBody,
    contentType: "application/octet-stream",
    key: "content",
  };

  test("bytes and streams go as they are", async () => {
    const bytes = Uint8Array.of(0, 255, 128);
    expect((await sent(body, { content: bytes })).body).toBe(bytes);
    const stream = new ReadableStream<Uint8Array>();
    expect((await sent(body, { content: stream })).body).toBe(stream);
    expect(bodyText(await sent(body, { content: "text" }))).toBe("text");
    expect(new Uint8Array((await sent(body, { content: bytes.buffer })).body as Uint8Array))
      .toEqual(bytes);
  });

  test("a Blob brings its type where the spec has none", async () => {
    expect(
      header(await sent(body, { content: new Blob(["x"], { type: "image/png" }) }), "content-type"),
    ).toBe("image/png");
  });

  test("anything else is refused", async () => {
    expect(await rejection(sent(body, { content: 5 }))).toMatchObject({ code: "request.body" });
  });

  test("text", async () => {
    expect(
      bodyText(await sent({ encode: textBody, contentType: "text/plain", key: "t" }, { t: "ü" })),
    ).toBe("ü");
  });
});
