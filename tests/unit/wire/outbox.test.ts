import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ByteSocket } from "../../../src/core/platform.ts";
import { FrameReader, Outbox } from "../../../src/wire/mod.ts";

/** A socket that takes as many bytes as it is allowed to, and counts its writes. */
function socket(room = Infinity) {
  const taken: number[] = [];
  const state = { room, writes: 0, taken };
  const byteSocket: ByteSocket = {
    write(bytes) {
      state.writes++;
      const size = Math.min(bytes.length, state.room);
      taken.push(...bytes.subarray(0, size));
      state.room -= size;
      return size;
    },
    pause() {},
    resume() {},
    end() {},
    destroy() {},
  };
  return { state, byteSocket };
}

function read(bytes: number[]): number[][] {
  const got: number[][] = [];
  new FrameReader((type, payload) => got.push([type, ...payload])).push(new Uint8Array(bytes));
  return got;
}

describe("Outbox", () => {
  test("frames of one tick leave in one write", async () => {
    const { state, byteSocket } = socket();
    const outbox = new Outbox(byteSocket);
    for (let i = 0; i < 100; i++) outbox.frame(2, new Uint8Array([i]));
    expect(state.writes).toBe(0);
    await Promise.resolve();
    expect(state.writes).toBe(1);
    expect(read(state.taken).length).toBe(100);
    expect(outbox.unsentBytes).toBe(0);
  });

  test("whatever a socket takes at a time, the bytes arrive whole and in order", () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 200 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        payloads,
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
        (sent, rooms) => {
          const { state, byteSocket } = socket(0);
          const outbox = new Outbox(byteSocket, { defer: (flush) => flush() });
          let turn = 0;
          for (const payload of sent) {
            outbox.frame(9, payload);
            payload.fill(0xee); // a reused buffer must not reach the socket
            state.room = rooms[turn++ % rooms.length]!;
            outbox.drained();
          }
          while (outbox.unsentBytes > 0) {
            state.room = 50;
            outbox.drained();
          }
          expect(read(state.taken).map((frame) => frame.length - 1)).toEqual(
            sent.map((payload) => payload.length),
          );
        },
      ),
    );
  });

  test("payloads are copied at once", async () => {
    const { state, byteSocket } = socket();
    const outbox = new Outbox(byteSocket);
    const payload = new Uint8Array([1, 2, 3]);
    outbox.frame(0, payload);
    payload.fill(9);
    await Promise.resolve();
    expect(read(state.taken)).toEqual([[0, 1, 2, 3]]);
  });

  test("a peer that does not read is reported once, and nothing more is queued", () => {
    const { byteSocket } = socket(0);
    const overflows: number[] = [];
    const outbox = new Outbox(byteSocket, {
      maxUnsentBytes: 1000,
      onOverflow: (bytes) => overflows.push(bytes),
    });
    for (let i = 0; i < 100; i++) outbox.frame(1, new Uint8Array(100));
    expect(overflows.length).toBe(1);
    expect(outbox.unsentBytes).toBeLessThanOrEqual(1105);
  });

  test("frames queued before the socket is there go out when it comes", async () => {
    const { state, byteSocket } = socket();
    const outbox = new Outbox(undefined);
    outbox.frame(5, new Uint8Array([1]));
    await Promise.resolve();
    outbox.attach(byteSocket);
    await Promise.resolve();
    expect(read(state.taken)).toEqual([[5, 1]]);
  });
});
