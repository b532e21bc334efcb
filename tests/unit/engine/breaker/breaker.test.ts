import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Breaker, REFUSED, type Verdict } from "../../../../src/engine/breaker/breaker.ts";

/** Opened at 0 by five failures. */
function opened(): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < 5; i++) breaker.report(breaker.admit(0, 1_000), "failure", 0);
  return breaker;
}

function call(breaker: Breaker, now: number, verdict: Verdict): boolean {
  const generation = breaker.admit(now, now + 1_000);
  if (generation !== REFUSED) breaker.report(generation, verdict, now);
  return generation !== REFUSED;
}

describe("closed", () => {
  test("opens with the fifth failure in a row", () => {
    const breaker = new Breaker();
    for (const verdict of ["failure", "failure", "failure", "failure", "ok"] as const) {
      call(breaker, 0, verdict);
    }
    for (let i = 0; i < 4; i++) call(breaker, 0, "failure");
    expect(breaker.state(0)).toBe("closed");
    call(breaker, 0, "failure");
    expect(breaker.state(0)).toBe("open");
    expect(breaker.retryAfterMs(1_000)).toBe(4_000);
  });

  test("opens when less than 80 % of at least 20 calls succeed", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 18; i++) call(breaker, i, i % 4 === 3 ? "failure" : "ok");
    call(breaker, 18, "ok");
    expect(breaker.state(18)).toBe("closed");
    call(breaker, 19, "failure");
    expect(breaker.state(19)).toBe("open");
  });

  test("failures before an idle hour do not count", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 4; i++) call(breaker, 0, "failure");
    call(breaker, 3_600_000, "failure");
    expect(breaker.state(3_600_000)).toBe("closed");
  });

  test("what says nothing about the host is not counted", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 100; i++) call(breaker, i, i % 2 === 0 ? "answered" : "none");
    for (let i = 0; i < 4; i++) call(breaker, 100, "failure");
    expect(breaker.state(100)).toBe("closed");
  });
});

describe("open", () => {
  test("twice as long after each failed probe, up to five minutes", () => {
    const breaker = opened();
    let now = 0;
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const wait = breaker.retryAfterMs(now);
      waits.push(wait / 1_000);
      expect(call(breaker, now + wait - 1, "ok")).toBe(false);
      now += wait;
      expect(call(breaker, now, "failure")).toBe(true);
    }
    expect(waits).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  test("a probe that succeeds closes it, and the next time it is open for five seconds again", () => {
    const breaker = opened();
    call(breaker, 5_000, "failure");
    call(breaker, 15_000, "ok");
    expect(breaker.state(15_000)).toBe("closed");
    for (let i = 0; i < 5; i++) call(breaker, 15_000, "failure");
    expect(breaker.retryAfterMs(15_000)).toBe(5_000);
  });

  test("a host that answers 404 is there", () => {
    const breaker = opened();
    call(breaker, 5_000, "answered");
    expect(breaker.state(5_000)).toBe("closed");
  });

  test("one probe at a time; a cancelled one frees its place at once", () => {
    const breaker = opened();
    const probe = breaker.admit(5_000, 65_000);
    expect(breaker.admit(5_001, 65_000)).toBe(REFUSED);
    expect(breaker.retryAfterMs(5_001)).toBe(5_000);
    breaker.report(probe, "none", 5_002);
    expect(breaker.state(5_002)).toBe("half-open");
    expect(breaker.admit(5_002, 65_000)).not.toBe(REFUSED);
  });

  test("a hung probe does not block others beyond its lease, and its late result is ignored", () => {
    const breaker = opened();
    const hung = breaker.admit(5_000, 6_000);
    expect(breaker.admit(5_999, 9_000)).toBe(REFUSED);
    const next = breaker.admit(6_000, 9_000);
    expect(next).not.toBe(REFUSED);
    breaker.report(hung, "failure", 6_001);
    expect(breaker.state(6_001)).toBe("half-open");
    breaker.report(next, "ok", 6_002);
    breaker.report(hung, "failure", 6_003);
    expect(breaker.state(6_003)).toBe("closed");
  });

  test("late results of calls from before it opened change nothing", () => {
    const breaker = new Breaker();
    const late = breaker.admit(0, 10_000);
    for (let i = 0; i < 5; i++) call(breaker, 0, "failure");
    breaker.report(late, "ok", 1);
    expect(breaker.state(1)).toBe("open");
    call(breaker, 5_000, "ok");
    for (let i = 0; i < 100; i++) breaker.report(late, "failure", 5_001);
    expect(breaker.state(5_001)).toBe("closed");
  });
});

/** The same, in the words of docs/runtime.md and with all it ever saw kept. */
class Model {
  state: "closed" | "open" = "closed";
  seen: { at: number; ok: boolean }[] = [];
  openMs = 5_000;
  opensUntil = 0;
  probe: { id: number; until: number } | undefined;
  epoch = 0;

  admit(id: number, now: number, until: number): boolean {
    if (this.state === "closed") return true;
    if (this.probe === undefined ? now < this.opensUntil : now < this.probe.until) return false;
    this.probe = { id, until };
    return true;
  }

  report(id: number, epoch: number, verdict: Verdict, now: number): void {
    if (this.state === "open") {
      if (this.probe?.id !== id) return;
      this.probe = undefined;
      if (verdict === "none") this.opensUntil = now;
      else if (verdict === "failure") {
        this.openMs = Math.min(300_000, this.openMs * 2);
        this.opensUntil = now + this.openMs;
      } else {
        this.state = "closed";
        this.epoch++;
        this.openMs = 5_000;
        this.seen = [];
      }
      return;
    }
    if (epoch !== this.epoch || verdict === "answered" || verdict === "none") return;
    this.seen.push({ at: now, ok: verdict === "ok" });
    if (verdict === "ok") return;
    const from = (Math.floor(now / 1_000) - 9) * 1_000;
    const recent = this.seen.filter((one) => one.at >= from);
    const good = recent.filter((one) => one.ok).length;
    let streak = 0;
    for (let i = this.seen.length - 1, at = now; i >= 0; i--) {
      const one = this.seen[i]!;
      if (one.ok || at - one.at > 60_000) break;
      streak++;
      at = one.at;
    }
    if (streak >= 5 || (recent.length >= 20 && good < 0.8 * recent.length)) {
      this.state = "open";
      this.epoch++;
      this.opensUntil = now + this.openMs;
    }
  }
}

test("behaves like the model, whatever overlaps", () => {
  const step = fc.record({
    pause: fc.oneof(fc.nat(300), fc.nat(300), fc.nat(7_000), fc.nat(200_000)),
    lease: fc.integer({ min: 1, max: 20_000 }),
    /** How many calls of those under way to end, oldest or newest first. */
    ends: fc.array(
      fc.record({
        at: fc.nat(10),
        verdict: fc.constantFrom<Verdict>("ok", "ok", "failure", "failure", "answered", "none"),
      }),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
      const breaker = new Breaker();
      const model = new Model();
      const is: boolean[] = [];
      const should: boolean[] = [];
      const open: { id: number; generation: number; epoch: number }[] = [];
      let now = 0;
      steps.forEach(({ pause, lease, ends }, id) => {
        now += pause;
        const generation = breaker.admit(now, now + lease);
        is.push(generation !== REFUSED);
        should.push(model.admit(id, now, now + lease));
        if (generation !== REFUSED) {
          open.push({ id, generation, epoch: model.state === "open" ? -1 : model.epoch });
        }
        for (const { at, verdict } of ends) {
          const [ended] = open.splice(at % Math.max(1, open.length), 1);
          if (ended === undefined) continue;
          breaker.report(ended.generation, verdict, now);
          model.report(ended.id, ended.epoch, verdict, now);
          is.push(breaker.state(now) === "closed");
          should.push(model.state === "closed");
        }
      });
      expect(is).toEqual(should);
    }),
    { numRuns: 300 },
  );
});
