import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { fingerprint } from "../../../../src/engine/idempotency/fingerprint.ts";
import {
  type IdempotencyRecord,
  IdempotencyRecords,
} from "../../../../src/engine/idempotency/records.ts";
import type { End } from "../../../../src/engine/state/flight.ts";
import { callTo } from "../support.ts";

interface Answer {
  readonly id: number;
}

const BOUNDS = { perTenant: 3, bytesPerTenant: 100, bytes: 150, ageMs: 1_000 };

function begin(
  records: IdempotencyRecords<Answer>,
  key: string,
  now = 0,
  tenant = "t",
  print = "p",
) {
  return records.begin(tenant, key, print, now);
}

function first(records: IdempotencyRecords<Answer>, key: string, now = 0, tenant = "t") {
  const begun = begin(records, key, now, tenant);
  if (begun.kind !== "first") throw new Error(begun.kind);
  return begun.record;
}

describe("the same key again", () => {
  test("joins while the call is in progress, gets its answer afterwards", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    const record = first(records, "k");
    const again = begin(records, "k");
    if (again.kind !== "under-way") throw new Error(again.kind);
    const ends: End<Answer>[] = [];
    again.record.flight.join((end) => ends.push(end));
    const gone = again.record.flight.join((end) => ends.push(end));
    again.record.flight.leave(gone);
    const answer = { id: 1 };
    records.complete(record, answer, 10, 5);
    expect(ends).toEqual([{ kind: "answer", answer }]);
    expect(begin(records, "k", 6)).toEqual({ kind: "answer", answer, record });
  });

  test("for another request is refused, while in progress and afterwards", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    const record = first(records, "k");
    expect(begin(records, "k", 0, "t", "other").kind).toBe("busy");
    records.complete(record, { id: 1 }, 10, 0);
    expect(begin(records, "k", 0, "t", "other").kind).toBe("mismatch");
  });

  test("of another tenant has nothing to do with it", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    records.complete(first(records, "k"), { id: 1 }, 10, 0);
    expect(begin(records, "k", 0, "u", "other").kind).toBe("first");
  });

  test("after a failure is made anew, and those who joined hear of it", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    const record = first(records, "k");
    const ends: End<Answer>[] = [];
    record.flight.join((end) => ends.push(end));
    records.fail(record, "why");
    expect(ends).toEqual([{ kind: "error", error: "why" }]);
    expect(begin(records, "k").kind).toBe("first");
  });

  test("passes to the next one that joined when its caller cancels", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    const record = first(records, "k");
    const ends: string[] = [];
    record.flight.join((end) => ends.push(`a ${end.kind}`));
    record.flight.join((end) => ends.push(`b ${end.kind}`));
    records.giveUp(record);
    expect(ends).toEqual(["a yours"]);
    expect(begin(records, "k").kind).toBe("under-way");
    records.complete(record, { id: 1 }, 1, 0);
    expect(ends).toEqual(["a yours", "b answer"]);
    const other = first(records, "other");
    records.giveUp(other);
    expect(begin(records, "other").kind).toBe("first");
  });
});

describe("bounds", () => {
  test("age", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    records.complete(first(records, "k"), { id: 1 }, 10, 0);
    expect(begin(records, "k", 999).kind).toBe("answer");
    expect(begin(records, "k", 1_000).kind).toBe("first");
    records.complete(first(records, "gone", 1_000, "idle"), { id: 1 }, 10, 1_000);
    records.sweep(9_000);
    expect(records.bytes).toBe(0);
  });

  test("calls in progress are not dropped for others", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    for (const key of ["a", "b", "c"]) first(records, key);
    expect(begin(records, "d").kind).toBe("full");
    expect(begin(records, "a").kind).toBe("under-way");
  });

  test("an answer too large to keep still reaches those who joined", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    const record = first(records, "k");
    const ends: string[] = [];
    record.flight.join((end) => ends.push(end.kind));
    records.complete(record, { id: 1 }, 101, 0);
    expect(ends).toEqual(["answer"]);
    expect(records.bytes).toBe(0);
  });

  test("one tenant's answers are not dropped for another's", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    records.complete(first(records, "k", 0, "quiet"), { id: 1 }, 60, 0);
    for (let i = 0; i < 20; i++) {
      records.complete(first(records, `${i}`, 0, "loud"), { id: i }, 95, 0);
    }
    expect(begin(records, "k", 0, "quiet").kind).toBe("answer");
    expect(records.bytes).toBeLessThanOrEqual(150);
  });

  test("tenants who took everything make room for one who comes later", () => {
    const records = new IdempotencyRecords<Answer>(BOUNDS);
    for (const tenant of ["a", "b"]) {
      for (let i = 0; i < 3; i++) {
        records.complete(first(records, `${i}`, 0, tenant), { id: i }, 25, 0);
      }
    }
    records.complete(first(records, "k", 0, "late"), { id: 9 }, 45, 0);
    expect(begin(records, "k", 0, "late").kind).toBe("answer");
    // Each of the others keeps what is within an equal part.
    expect(["a", "b"].map((tenant) => begin(records, "2", 0, tenant).kind)).toEqual([
      "answer",
      "answer",
    ]);
    expect(records.bytes).toBe(145);
  });
});

test("behaves like the model", () => {
  const step = fc.record({
    kind: fc.constantFrom("call", "call", "call", "complete", "complete", "fail", "give up"),
    tenant: fc.constantFrom("t", "u"),
    key: fc.constantFrom("a", "b", "c", "d", "e"),
    print: fc.constantFrom("p", "p", "p", "q"),
    bytes: fc.nat(120),
    pause: fc.nat(300),
    which: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
      const records = new IdempotencyRecords<Answer>(BOUNDS);
      interface Known {
        tenant: string;
        key: string;
        print: string;
        answer?: Answer;
        bytes: number;
        until: number;
        order: number;
      }
      let model: Known[] = [];
      const running: { known: Known; record: IdempotencyRecord<Answer> }[] = [];
      let now = 0;
      const sum = (tenant?: string) =>
        model.filter((one) => tenant === undefined || one.tenant === tenant)
          .reduce((total, one) => total + one.bytes, 0);
      const dropOldest = (tenant: string): boolean => {
        const oldest = model.filter((one) => one.tenant === tenant && one.answer)
          .sort((a, b) => a.order - b.order)[0];
        model = model.filter((one) => one !== oldest);
        return oldest !== undefined;
      };

      steps.forEach(({ kind, tenant, key, print, bytes, pause, which }, id) => {
        now += pause;
        if (kind === "call") {
          model = model.filter((one) => one.tenant !== tenant || one.until > now);
          const known = model.find((one) => one.tenant === tenant && one.key === key);
          const begun = records.begin(tenant, key, print, now);
          if (known !== undefined) {
            const expected = known.print !== print
              ? known.answer ? "mismatch" : "busy"
              : known.answer
              ? "answer"
              : "under-way";
            expect(begun.kind).toBe(expected);
            if (begun.kind === "answer") expect(begun.answer).toBe(known.answer!);
            return;
          }
          const crowded = model.filter((one) => one.tenant === tenant).length >= 3;
          const possible = !crowded || dropOldest(tenant);
          expect(begun.kind).toBe(possible ? "first" : "full");
          if (begun.kind !== "first") return;
          const made: Known = { tenant, key, print, bytes: 0, until: Infinity, order: 0 };
          model.push(made);
          running.push({ known: made, record: begun.record });
          return;
        }
        const [ended] = running.splice(which % Math.max(1, running.length), 1);
        if (ended === undefined) return;
        const { known, record } = ended;
        if (kind === "complete") {
          model = model.filter((one) => one.tenant !== known.tenant || one.until > now);
          known.answer = { id };
          known.bytes = bytes;
          known.until = now + 1_000;
          known.order = id;
          records.complete(record, known.answer, bytes, now);
          while (sum(known.tenant) > 100) dropOldest(known.tenant);
          const other = known.tenant === "t" ? "u" : "t";
          while (sum() > 150) dropOldest(sum(other) > sum(known.tenant) ? other : known.tenant);
        } else {
          model = model.filter((one) => one !== known);
          if (kind === "fail") records.fail(record, "why");
          else records.giveUp(record);
        }
        expect(records.bytes).toBe(sum());
      });
    }),
    { numRuns: 200 },
  );
});

test("a fingerprint knows method, URL and body, and no streamed body", () => {
  const body = (text: string) => new TextEncoder().encode(text);
  const prints = [
    callTo("https://a.example/"),
    callTo("https://a.example/", { method: "POST" }),
    callTo("https://a.example/?a"),
    callTo("https://a.example/", { body: body("") }),
    callTo("https://a.example/", { body: body("a") }),
    callTo("https://a.example/", { body: body("b") }),
    callTo("https://a.example/", { body: body("ab") }),
    callTo("https://a.example/", { body: body("ba") }),
    callTo("https://a.example/", { body: new Uint8Array(1_000) }),
    callTo("https://a.example/", { body: new Uint8Array(1_001) }),
  ].map(fingerprint);
  expect(new Set(prints).size).toBe(prints.length);
  expect(fingerprint(callTo("https://a.example/"))).toBe(prints[0]!);
  expect(fingerprint(callTo("https://a.example/", { body: new ReadableStream() }))).toBeUndefined();
});
