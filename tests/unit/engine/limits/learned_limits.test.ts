import { expect, test } from "bun:test";
import fc from "fast-check";
import { LearnedLimits } from "../../../../src/engine/limits/learned_limits.ts";
import type { Sighting } from "../../../../src/engine/limits/sighting.ts";

function sighting(remaining: number, resetMs: number, part: Partial<Sighting> = {}): Sighting {
  return { name: "x-ratelimit ", countsCalls: true, remaining, resetMs, ...part };
}

test("waits for the reset once nothing is left", () => {
  const learned = new LearnedLimits();
  expect(learned.waitMs(0, 0)).toBe(0);
  learned.end(learned.start(0), 0, [sighting(2, 1_000)], 10);
  expect(learned.waitMs(10, 0)).toBe(0);
  learned.start(0);
  expect(learned.waitMs(20, 0)).toBe(0);
  learned.start(0);
  expect(learned.waitMs(20, 0)).toBe(990);
  expect(learned.waitMs(1_009, 0)).toBe(1);
  expect(learned.waitMs(1_010, 0)).toBe(0);
});

test("failed calls without an answer are given back", () => {
  const learned = new LearnedLimits();
  learned.end(learned.start(0), 0, [sighting(1, 1_000)], 0);
  const call = learned.start(0);
  expect(learned.waitMs(0, 0)).toBe(1_000);
  learned.end(call, 0, [], 1);
  expect(learned.waitMs(1, 0)).toBe(0);
});

test("tokens: a call waits until what it may use is there", () => {
  const learned = new LearnedLimits();
  const tokens = { name: "x-ratelimit tokens", countsCalls: false };
  learned.end(learned.start(500), 500, [sighting(1_000, 6_000, tokens), sighting(50, 100)], 0);
  expect(learned.waitMs(0, 1_000)).toBe(0);
  expect(learned.waitMs(0, 1_001)).toBe(6_000);
  learned.start(600);
  expect(learned.waitMs(0, 400)).toBe(0);
  expect(learned.waitMs(0, 401)).toBe(6_000);
});

test("a bucket that fills up is believed", () => {
  const learned = new LearnedLimits();
  const tokens = { name: "x-ratelimit tokens", countsCalls: false };
  learned.end(learned.start(0), 0, [sighting(0, 60_000, tokens)], 0);
  expect(learned.waitMs(0, 0)).toBe(60_000);
  learned.end(learned.start(0), 0, [sighting(500, 30_000, tokens)], 30_000);
  expect(learned.waitMs(30_000, 0)).toBe(0);
});

test("a late answer to an early call does not bring back what is spent", () => {
  const learned = new LearnedLimits();
  const early = learned.start(0);
  const late = learned.start(0);
  learned.end(late, 0, [sighting(0, 1_000)], 10);
  learned.end(early, 0, [sighting(1, 1_000)], 11);
  expect(learned.waitMs(11, 0)).toBe(999);
});

test("nor does it bring back a window before the one that is known", () => {
  const learned = new LearnedLimits();
  const early = learned.start(0);
  const late = learned.start(0);
  learned.end(late, 0, [sighting(0, 9_000)], 10);
  learned.end(early, 0, [sighting(5, 3_000)], 11);
  expect(learned.waitMs(11, 0)).toBe(8_999);
  learned.end(learned.start(0), 0, [sighting(7, 0)], 12);
  expect(learned.waitMs(12, 0)).toBe(8_998);
});

test("after a refusal no call goes before the time it names", () => {
  const learned = new LearnedLimits();
  learned.block(0, 700);
  learned.block(0, 300);
  expect(learned.waitMs(100, 0)).toBe(600);
  expect(learned.waitMs(700, 0)).toBe(0);
});

test("a time that is years away shuts an API off for an hour, and then one call asks anew", () => {
  const learned = new LearnedLimits();
  const hour = 3_600_000;
  learned.end(learned.start(0), 0, [sighting(0, 1e12, { limit: 500 })], 0);
  learned.block(0, 1e12);
  expect(learned.waitMs(0, 0)).toBe(hour);
  expect(learned.waitMs(hour, 0)).toBe(0);
  const call = learned.start(0);
  expect(learned.waitMs(hour, 0)).toBe(hour);
  learned.end(call, 0, [sighting(20, 60_000)], hour + 10);
  expect(learned.waitMs(hour + 10, 0)).toBe(0);
});

test("an API that names ever new limits is not remembered without end", () => {
  const learned = new LearnedLimits();
  for (let i = 0; i < 100; i++) {
    learned.end(learned.start(0), 0, [sighting(i < 8 ? 5 : 0, 1_000, { name: `x-${i}` })], 0);
  }
  expect(learned.waitMs(0, 0)).toBe(0);
});

test("an API with a fixed window never has to refuse, however answers overtake each other", () => {
  const step = fc.record({
    pause: fc.nat(60),
    there: fc.integer({ min: 0, max: 40 }),
    back: fc.integer({ min: 0, max: 40 }),
  });
  const limits = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), limits, (steps, limit) => {
      const learned = new LearnedLimits();
      const windowMs = 1_000;
      let events: { at: number; run: () => void }[] = [];
      let now = 0;
      let refused = 0;
      let window = -1;
      let used = 0;

      /** To the API and back. */
      function send(there: number, back: number): void {
        const call = learned.start(0);
        events.push({
          at: now + there,
          run() {
            const current = Math.floor(now / windowMs);
            if (current !== window) {
              window = current;
              used = 0;
            }
            if (++used > limit) refused++;
            const told = sighting(Math.max(0, limit - used), windowMs - now % windowMs, { limit });
            events.push({ at: now + back, run: () => learned.end(call, 0, [told], now) });
          },
        });
      }

      function runUntil(end: number): void {
        for (;;) {
          const due = events.reduce<(typeof events)[number] | undefined>(
            (first, one) =>
              one.at <= end && (first === undefined || one.at < first.at) ? one : first,
            undefined,
          );
          if (due === undefined) break;
          events = events.filter((one) => one !== due);
          now = due.at;
          due.run();
        }
        now = end;
      }

      send(0, 0);
      runUntil(1);
      for (const { pause, there, back } of steps) {
        runUntil(now + pause);
        if (learned.waitMs(now, 0) === 0) send(there, back);
      }
      runUntil(now + 100);
      expect(refused).toBe(0);
      // And it does not hold anybody up for good.
      runUntil(now + 2 * windowMs);
      expect(learned.waitMs(now, 0)).toBe(0);
    }),
    { numRuns: 300 },
  );
});
