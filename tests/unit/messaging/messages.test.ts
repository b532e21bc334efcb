import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  BinaryMessage,
  DeserializationError,
  ErrorClass,
  HttpMessage,
  JsonMessage,
  SerializationError,
} from "../../../mod.ts";
import { halfOf } from "../../support/share.ts";
import { bytes } from "../client/helpers.ts";

const text = (value: Uint8Array) => new TextDecoder().decode(value);
const concat = (...parts: (Uint8Array | number[])[]) =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

function refused(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(DeserializationError);
    expect(error).toMatchObject({
      code: "message.deserialize",
      errorClass: ErrorClass.Permanent,
      name: "DeserializationError",
    });
    return (error as Error).message;
  }
  throw new Error("It was read.");
}

describe("a JSON message", () => {
  test("is an object of headers and payload", () => {
    const message = new JsonMessage({ k: "v" }, [1, null]);
    expect(text(message.serialize())).toBe(`{"headers":{"k":"v"},"payload":[1,null]}`);
    expect(JsonMessage.deserialize(bytes(`{"payload": {"a": 1}, "headers": {"k": "v"}}`)))
      .toEqual(new JsonMessage({ k: "v" }, { a: 1 }));
    expect(JsonMessage.deserialize(bytes("{}"))).toEqual(new JsonMessage({}, null));
    expect(JsonMessage.contentType).toBe("application/json");
  });

  test("says what is wrong with bytes and with content", () => {
    expect(refused(() => JsonMessage.deserialize(bytes("{")))).toContain("not JSON in UTF-8");
    expect(refused(() => JsonMessage.deserialize(Uint8Array.of(34, 255, 34)))).toContain("UTF-8");
    expect(refused(() => JsonMessage.deserialize(bytes("[]")))).toContain("is a list");
    expect(refused(() => JsonMessage.deserialize(bytes(`{"headers":1}`)))).toContain("a number");
    expect(() => new JsonMessage({}, 1n).serialize()).toThrow(SerializationError);
  });
});

describe("a binary message", () => {
  test("is the length of the headers, the headers, and the payload as it is", () => {
    const payload = Uint8Array.of(0, 255);
    // As Python writes it, with a space: ten bytes of headers.
    const python = concat([0, 0, 0, 10], bytes(`{"k": "v"}`), payload);
    const compact = concat([0, 0, 0, 9], bytes(`{"k":"v"}`), payload);
    const message = new BinaryMessage({ k: "v" }, payload);
    expect([...message.serialize()]).toEqual([...compact]);
    for (const vector of [python, compact]) {
      expect(BinaryMessage.deserialize(vector)).toEqual(message);
      // Also where the bytes are a part of others.
      expect(BinaryMessage.deserialize(concat([9, 9], vector).subarray(2))).toEqual(message);
    }
    const empty = new BinaryMessage({}, new Uint8Array(0));
    expect(BinaryMessage.deserialize(empty.serialize())).toEqual(empty);
  });

  test("that is short, truncated or has other headers is refused", () => {
    expect(refused(() => BinaryMessage.deserialize(Uint8Array.of(0, 0, 0)))).toContain("3 bytes");
    expect(refused(() => BinaryMessage.deserialize(concat([0, 0, 0, 5], bytes("ab")))))
      .toContain("truncated: its headers take 5 bytes, of which 2 are there");
    expect(refused(() => BinaryMessage.deserialize(concat([255, 255, 255, 255], bytes("{}")))))
      .toContain("4294967295 bytes");
    expect(refused(() => BinaryMessage.deserialize(concat([0, 0, 0, 2], bytes("[]z")))))
      .toContain("must be a JSON object");
    expect(refused(() => BinaryMessage.deserialize(concat([0, 0, 0, 2], [255, 255]))))
      .toContain("not JSON");
  });

  test("comes back as it was, and never fails in another way", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.uint8Array(),
        (headers, payload) => {
          const plain = JSON.parse(JSON.stringify(headers)) as Record<string, unknown>;
          const read = BinaryMessage.deserialize(new BinaryMessage(headers, payload).serialize());
          expect(read.headers).toEqual(plain);
          expect([...read.payload]).toEqual([...payload]);
        },
      ),
      halfOf(100),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (noise) => {
        try {
          BinaryMessage.deserialize(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(DeserializationError);
        }
      }),
      halfOf(300),
    );
  });
});

describe("an HTTP message", () => {
  test("keeps every part of a request", () => {
    const binary = Uint8Array.of(0, 255, 128);
    const message = new HttpMessage({
      method: "POST",
      url: "/upload",
      headers: { "x-id": "1" },
      params: { q: "a" },
      form: { a: "1" },
      files: { f: { content: binary, filename: "f.bin", contentType: "image/png" } },
    });
    expect(JSON.parse(text(message.serialize()))).toEqual({
      headers: { "x-id": "1" },
      payload: {
        method: "POST",
        url: "/upload",
        params: { q: "a" },
        data: { a: "1" },
        files: {
          f: {
            content: "AP+A",
            content_encoding: "base64",
            filename: "f.bin",
            content_type: "image/png",
          },
        },
      },
    });
    expect(HttpMessage.deserialize(message.serialize())).toEqual(message);
    const raw = new HttpMessage({ method: "PUT", url: "http://a/", content: binary });
    expect(text(raw.serialize())).toContain(`"content":"AP+A","content_encoding":"base64"`);
    expect(HttpMessage.deserialize(raw.serialize())).toEqual(raw);
    const json = new HttpMessage({ json: [1], content: undefined });
    expect(HttpMessage.deserialize(json.serialize()).payload)
      .toEqual({ method: "GET", url: "", json: [1] });
    expect(json.toRequest()).toMatchObject({ method: "GET", path: "", json: [1] });
    expect(raw.toRequest()).toMatchObject({ method: "PUT", url: "http://a/", content: binary });
  });

  test("reads what others write: text without an encoding, a large body", () => {
    const plain = `{"headers": {}, "payload": {"method": "PUT", "url": "/", "content": "ä"}}`;
    expect(HttpMessage.deserialize(bytes(plain)).payload.content).toEqual(bytes("ä"));
    const large = new Uint8Array(100_000).map((_, index) => index * 7);
    const message = new HttpMessage({ content: large });
    expect(HttpMessage.deserialize(message.serialize()).payload.content).toEqual(large);
  });

  test("says what is wrong", () => {
    const read = (payload: object) =>
      refused(() => HttpMessage.deserialize(bytes(JSON.stringify({ payload }))));
    expect(read({ method: 1 })).toContain("`method` is a number");
    expect(read({ content: "%", content_encoding: "base64" })).toContain("not base64");
    expect(read({ content: "a", content_encoding: "gzip" })).toContain(`use "base64"`);
    expect(read({ files: { f: 1 } })).toContain("The file f is a number");
    expect(read({ data: [] })).toContain("`data` is a list");
    expect(read({ params: 5 })).toContain("`params` is a number");
    expect(read({ status: "200" })).toContain("`status` must be a whole number");
    expect(refused(() => HttpMessage.deserialize(bytes(`{"headers":{"a":1}}`))))
      .toContain("`headers.a` is a number");
    const field = fc.constantFrom("method", "url", "params", "data", "files", "content", "status");
    fc.assert(
      fc.property(fc.dictionary(field, fc.jsonValue()), (payload) => {
        try {
          const message = HttpMessage.deserialize(bytes(JSON.stringify({ payload })));
          expect(HttpMessage.deserialize(message.serialize())).toEqual(message);
        } catch (error) {
          expect(error).toBeInstanceOf(DeserializationError);
        }
      }),
      halfOf(200),
    );
  });
});
