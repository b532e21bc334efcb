import { describe, expect, test } from "bun:test";
import { readLimited } from "../../../src/core/read_limited.ts";

/** A stream that has sent `pieces` and stays open, and why it was cancelled. */
function open(...pieces: number[]) {
  const seen: { reason?: unknown } = {};
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const size of pieces) controller.enqueue(new Uint8Array(size));
    },
    cancel(reason) {
      seen.reason = reason;
    },
  });
  return { stream, seen };
}

const tooLarge = () => new Error("too large");

describe("reading a whole body", () => {
  test("stops above the limit and cancels the source", async () => {
    const { stream, seen } = open(3, 2);
    await expect(readLimited(stream, 4, tooLarge)).rejects.toThrow("too large");
    expect(seen.reason).toMatchObject({ message: "too large" });
  });

  test("counts what it keeps, and stops when there is no room", async () => {
    const { stream, seen } = open(3, 2);
    const held: number[] = [];
    const hold = (bytes: number) => {
      held.push(bytes);
      if (held.length === 2) throw new Error("no room");
    };
    await expect(readLimited(stream, 9, tooLarge, { hold })).rejects.toThrow("no room");
    expect(held).toEqual([3, 2]);
    expect(seen.reason).toMatchObject({ message: "no room" });
  });

  test.each(["before", "during"])(
    "an abort %s it cancels the source, without an answer",
    async (when) => {
      const { stream, seen } = open(3);
      const controller = new AbortController();
      if (when === "before") controller.abort("gone");
      const reading = readLimited(stream, 9, tooLarge, { signal: controller.signal });
      if (when === "during") controller.abort("gone");
      await expect(reading).rejects.toMatchObject({ code: "call.cancelled", sent: "no" });
      expect(seen.reason).toBe("gone");
    },
  );
});
