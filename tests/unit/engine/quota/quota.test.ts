import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Quota, type QuotaLimits } from "../../../../src/engine/quota/quota.ts";
import { larger, type QuotaRow } from "../../../../src/engine/quota/quota_row.ts";

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 1, 28, 12);

function daily(limits: QuotaLimits, writer = "w1"): Quota {
  return new Quota("t", "day", limits, writer);
}

describe("a limit", () => {
  test("of calls, until midnight UTC", () => {
    const quota = daily({ calls: 2 });
    expect([quota.take(NOON), quota.take(NOON)]).toEqual([undefined, undefined]);
    expect(quota.take(NOON + 1_000)).toEqual({
      retryAfterMs: DAY / 2 - 1_000,
      period: "day",
      what: "calls",
    });
    expect(quota.take(NOON + DAY / 2)).toBeUndefined();
    expect(quota.usage(NOON + DAY / 2)).toEqual({ calls: 1, bytes: 0, cost: 0 });
  });

  test("of a month, until the first of the next", () => {
    const quota = new Quota("t", "month", { calls: 1 }, "w1");
    quota.take(NOON);
    expect(quota.take(NOON)?.retryAfterMs).toBe(DAY / 2);
    const december = Date.UTC(2026, 11, 31, 23, 59, 59);
    quota.take(december);
    expect(quota.take(december)?.retryAfterMs).toBe(1_000);
  });

  test("of bytes and cost: the call that goes over it is the last", () => {
    for (const what of ["bytes", "cost"] as const) {
      const quota = daily({ [what]: 100 });
      expect(quota.take(NOON)).toBeUndefined();
      quota.add(NOON, 150, 150);
      expect(quota.take(NOON)?.what).toBe(what);
    }
  });

  test("a clock set back to yesterday does not begin a new day, nor the same day again", () => {
    const quota = daily({ calls: 1 });
    quota.take(NOON);
    expect(quota.take(NOON - DAY)?.what).toBe("calls");
    expect(quota.take(NOON)?.what).toBe("calls");
  });
});

test("a clock that was years ahead and is right again has neither used up years nor given a day again", () => {
  const quota = daily({ calls: 2 });
  quota.take(NOON + 1_000 * DAY);
  quota.take(NOON + 1_000 * DAY);
  expect(quota.take(NOON)).toEqual({ retryAfterMs: DAY / 2, period: "day", what: "calls" });
  expect(quota.take(NOON + DAY)).toBeUndefined();
});

test("a call that was not made is given back, unless its row may be written or its day is past", () => {
  const quota = daily({ calls: 1 });
  quota.take(NOON);
  quota.untake(NOON, NOON);
  expect(quota.take(NOON)).toBeUndefined();
  quota.takeChange(NOON);
  quota.untake(NOON, NOON);
  expect(quota.usage(NOON).calls).toBe(1);
  quota.take(NOON + DAY);
  quota.untake(NOON, NOON + DAY);
  expect(quota.usage(NOON + DAY).calls).toBe(1);
});

/** What QuotaStorage promises, in memory. */
class Storage {
  readonly rows = new Map<string, QuotaRow>();

  save(row: QuotaRow): void {
    const key = `${row.period} ${row.start} ${row.writer}`;
    const stored = this.rows.get(key);
    this.rows.set(key, stored === undefined ? row : { ...row, ...larger(stored, row) });
  }
}

test("over kills, late and repeated writes: nothing is counted double, only what was not written is lost", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("call" as const), who: fc.nat(2), bytes: fc.nat(1_000) }),
    fc.record({ kind: fc.constantFrom("save", "save again", "load", "kill"), who: fc.nat(2) }),
    fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(DAY / 3) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
      const storage = new Storage();
      const written: QuotaRow[] = [];
      let now = NOON;
      let writers = 0;
      let day = Math.floor(now / DAY);
      /** Each process with what it counted today and what of that it has written. */
      const start = () => ({
        quota: daily({}, `w${writers++}`),
        calls: 0,
        bytes: 0,
        savedCalls: 0,
        savedBytes: 0,
      });
      const loaded = (process: ReturnType<typeof start>) => {
        for (const row of storage.rows.values()) process.quota.merge(row, now);
        return process;
      };
      let processes = [start(), start(), start()];
      let gone = { calls: 0, bytes: 0 };

      for (const one of steps) {
        if (one.kind === "pass") {
          now += one.ms;
          if (Math.floor(now / DAY) > day) {
            day = Math.floor(now / DAY);
            gone = { calls: 0, bytes: 0 };
            processes = processes.map((old) => ({
              ...old,
              calls: 0,
              bytes: 0,
              savedCalls: 0,
              savedBytes: 0,
            }));
          }
          continue;
        }
        const process = processes[one.who]!;
        if (one.kind === "call") {
          process.quota.take(now);
          process.quota.add(now, one.bytes, 0);
          process.calls++;
          process.bytes += one.bytes;
        } else if (one.kind === "save") {
          const row = process.quota.takeChange(now);
          if (row === undefined) continue;
          storage.save(row);
          written.push(row);
          process.savedCalls = process.calls;
          process.savedBytes = process.bytes;
        } else if (one.kind === "save again") {
          // An old row that arrives late.
          if (written[0] !== undefined) storage.save(written[0]);
        } else if (one.kind === "load") loaded(process);
        else {
          gone = { calls: gone.calls + process.savedCalls, bytes: gone.bytes + process.savedBytes };
          processes[one.who] = loaded(start());
        }
      }

      // After a last exchange everybody sees the same: all that was written and what he has not written himself.
      for (const { quota } of processes) {
        const row = quota.takeChange(now);
        if (row !== undefined) storage.save(row);
      }
      for (const process of processes) {
        loaded(process);
        expect(process.quota.usage(now)).toEqual({
          calls: gone.calls + processes.reduce((sum, other) => sum + other.calls, 0),
          bytes: gone.bytes + processes.reduce((sum, other) => sum + other.bytes, 0),
          cost: 0,
        });
      }
    }),
    { numRuns: 300 },
  );
});

test("a write that failed is due again", () => {
  const quota = daily({});
  quota.take(NOON);
  expect(quota.takeChange(NOON)?.calls).toBe(1);
  expect(quota.takeChange(NOON)).toBeUndefined();
  quota.keepChange();
  expect(quota.takeChange(NOON)?.calls).toBe(1);
});
