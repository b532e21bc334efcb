import { expect, test } from "bun:test";
import fc from "fast-check";
import { KeptBytes } from "../../../../src/engine/keep/kept_bytes.ts";
import { halfOf } from "../../../support/share.ts";

test("is the end of the body, from any byte of it", () => {
  const step = fc.oneof(
    fc.uint8Array({ maxLength: 6 }).map((bytes) => ({ bytes })),
    fc.nat(400).map((forget) => ({ forget })),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300, size: "max" }),
      fc.nat(400),
      fc.nat(20),
      (steps, at, size) => {
        const kept = new KeptBytes(size);
        const all: number[] = [];
        let start = 0;
        for (const one of steps) {
          if ("bytes" in one) {
            kept.append(one.bytes);
            all.push(...one.bytes);
          } else {
            start += kept.forget(one.forget);
          }
        }
        expect([kept.start, kept.end, kept.length]).toEqual([
          start,
          all.length,
          all.length - start,
        ]);
        const from = Math.min(Math.max(at, start), all.length);
        const rest: number[] = [];
        for (
          let piece = kept.from(from);
          piece !== undefined;
          piece = kept.from(from + rest.length)
        ) {
          rest.push(...piece);
        }
        expect(rest).toEqual(all.slice(from));
      },
    ),
    halfOf(200),
  );
});
