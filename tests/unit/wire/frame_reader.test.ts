import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FrameReader, MAX_FRAME_BYTES } from "../../../src/wire/mod.ts";

function frame(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length);
  new DataView(bytes.buffer).setUint32(0, payload.length + 1);
  bytes[4] = type;
  bytes.set(payload, 5);
  return bytes;
}

function join(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function collector(
  max?: number,
): { reader: FrameReader; got: { type: number; payload: number[] }[] } {
  const got: { type: number; payload: number[] }[] = [];
  return {
    reader: new FrameReader((type, payload) => got.push({ type, payload: [...payload] }), max),
    got,
  };
}

describe("FrameReader", () => {
  test("any frames cut anywhere come out as they went in", () => {
    const frames = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 300 })),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(
        frames,
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
        (sent, cuts) => {
          const bytes = join(sent.map(([type, payload]) => frame(type, payload)));
          const { reader, got } = collector();
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length]!;
            reader.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(reader.truncated).toBe(false);
          expect(got).toEqual(sent.map(([type, payload]) => ({ type, payload: [...payload] })));
        },
      ),
    );
  });

  test("one byte at a time, 1 MiB: linear", () => {
    const { reader, got } = collector();
    const bytes = frame(9, new Uint8Array(1024 * 1024).fill(7));
    for (let i = 0; i < bytes.length; i++) reader.push(bytes.subarray(i, i + 1));
    expect(got.length).toBe(1);
    expect(got[0]!.payload.length).toBe(1024 * 1024);
  });

  test("says that a stream ended inside a frame", () => {
    const { reader } = collector();
    reader.push(frame(1, new Uint8Array(10)).subarray(0, 8));
    expect(reader.truncated).toBe(true);
  });

  test("a length of 0 is refused, frames before it are delivered, bytes after it are not read", () => {
    const { reader, got } = collector();
    const bytes = join([
      frame(2, new Uint8Array(1)),
      new Uint8Array(4),
      frame(2, new Uint8Array(1)),
    ]);
    expect(() => reader.push(bytes)).toThrow("a frame of length 0");
    reader.push(frame(2, new Uint8Array(1)));
    expect(got.length).toBe(1);
  });

  test("the largest frame is accepted, one byte more is refused as soon as its length is known", () => {
    const { reader, got } = collector();
    reader.push(frame(1, new Uint8Array(MAX_FRAME_BYTES - 1)));
    expect(got.length).toBe(1);
    expect(() => reader.push(new Uint8Array([0xff, 0xff, 0xff, 0xff]))).toThrow("4294967295");
    const limited = collector(8);
    expect(() => limited.reader.push(new Uint8Array([0, 0, 0, 9]))).toThrow("at most 8");
  });
});
