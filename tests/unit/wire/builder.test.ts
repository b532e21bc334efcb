import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import * as flatbuffers from "flatbuffers";
import { Builder } from "../../../src/wire/builder.ts";
import { halfOf } from "../../support/share.ts";

/** What both builders can do, as the generated writers use them. */
type Either =
  & Pick<
    Builder,
    | "addFieldInt16"
    | "addFieldInt32"
    | "addFieldInt64"
    | "addFieldInt8"
    | "addFieldOffset"
    | "addOffset"
    | "createByteVector"
    | "endObject"
    | "endVector"
    | "finish"
    | "requiredField"
    | "startObject"
    | "startVector"
  >
  & { createString(text: string): number };

interface Node {
  readonly texts: readonly string[];
  readonly bytes: Uint8Array;
  readonly numbers: readonly number[];
  readonly big: bigint;
  readonly children: readonly Node[];
}

const { node } = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.record({
    texts: fc.array(fc.oneof(fc.string({ maxLength: 100 }), fc.string({ unit: "grapheme" })), {
      maxLength: 3,
    }),
    bytes: fc.uint8Array({ maxLength: 300 }),
    numbers: fc.array(fc.nat(0xffff), { minLength: 3, maxLength: 3 }),
    big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    children: fc.oneof(
      { depthSize: "small" },
      fc.constant([]),
      fc.array(tie("node"), { maxLength: 3 }),
    ),
  }),
}));

function write(builder: Either, { texts, bytes, numbers, big, children }: Node): number {
  const strings = texts.map((text) => builder.createString(text));
  const tables = children.map((child) => write(builder, child));
  const vector = builder.createByteVector(bytes);
  builder.startVector(4, tables.length, 4);
  for (const table of tables) builder.addOffset(table);
  const list = builder.endVector();
  builder.startObject(9);
  strings.forEach((string, at) => builder.addFieldOffset(at, string, 0));
  builder.addFieldInt64(3, big, 0n);
  builder.addFieldInt8(4, (numbers[0] ?? 0) & 0xff, 0);
  builder.addFieldInt16(5, numbers[1] ?? 0, 0);
  builder.addFieldInt32(6, numbers[2] ?? 0, 0);
  builder.addFieldOffset(7, vector, 0);
  builder.addFieldOffset(8, list, 0);
  const table = builder.endObject();
  builder.requiredField(table, 4 + 7 * 2);
  return table;
}

describe("the builder of messages", () => {
  test("writes what that of the flatbuffers package writes, message after message", () => {
    const own = new Builder(64);
    fc.assert(
      fc.property(node, (message) => {
        const theirs = new flatbuffers.Builder(64);
        theirs.finish(write(theirs, message));
        own.clear();
        own.finish(write(own, message));
        expect(own.asUint8Array()).toEqual(theirs.asUint8Array());
      }),
      halfOf(200),
    );
  });

  test("leaves out no field that a reader needs", () => {
    const builder = new Builder(64);
    builder.startObject(2);
    builder.addFieldInt8(1, 1, 0);
    const table = builder.endObject();
    expect(() => builder.requiredField(table, 4)).toThrow("field 4 must be set");
    builder.requiredField(table, 6);
  });
});
