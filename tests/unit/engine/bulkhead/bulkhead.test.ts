import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Bulkhead, type Place, type Waiter } from "../../../../src/engine/bulkhead/bulkhead.ts";

const SMALL = { total: 6, perTenant: 4, perHost: 2, queue: 5 };

describe("places", () => {
  test("in all, for a tenant, and for a tenant and host", () => {
    const bulkhead = new Bulkhead(SMALL);
    const entered = (tenant: string, host: string) => bulkhead.enter(tenant, host) !== undefined;
    expect(["x", "x", "x", "y", "y", "z"].map((host) => entered("a", host)))
      .toEqual([true, true, false, true, true, false]);
    expect(["x", "y", "z"].map((host) => entered("b", host))).toEqual([true, true, false]);
    expect(bulkhead.active).toBe(6);
  });

  test("each tenant has its own, bounded queue", () => {
    const bulkhead = new Bulkhead({ ...SMALL, total: 1 });
    bulkhead.enter("a", "x");
    const waits = Array.from({ length: 6 }, () => bulkhead.wait("a", "x", () => {}) !== undefined);
    expect(waits).toEqual([true, true, true, true, true, false]);
    expect(bulkhead.wait("b", "x", () => {})).toBeDefined();
    expect(bulkhead.load("a")).toEqual({ active: 1, queued: 5 });
  });
});

describe("whose turn it is", () => {
  function order(weights: Record<string, number>, queue: readonly string[]): string {
    const bulkhead = new Bulkhead(
      { total: 1, perTenant: 9, perHost: 9, queue: 100 },
      (tenant) => ({ perTenant: 9, perHost: 9, queue: 100, weight: weights[tenant] ?? 1 }),
    );
    const served: string[] = [];
    const place = bulkhead.enter("first", "x")!;
    for (const one of queue) {
      const [tenant = "", host = "x"] = one.split("@");
      bulkhead.wait(tenant, host, (got) => {
        served.push(one);
        // Later, as a call's end would be.
        pending.push(got);
      });
    }
    const pending: Place[] = [place];
    while (pending.length > 0) bulkhead.release(pending.pop()!);
    return served.join(" ");
  }

  test("tenants in turn, however many wait", () => {
    expect(order({}, ["a", "a", "a", "a", "b", "c", "b"])).toBe("a b c a b a a");
  });
  test("a weight is a number of calls in a row", () => {
    expect(order({ a: 2 }, ["a", "a", "a", "a", "b", "b", "b"])).toBe("a a b a a b b");
  });
  test("a tenant's hosts in turn", () => {
    expect(order({}, ["a@x", "a@x", "a@y", "a@x", "b@x"])).toBe("a@x b@x a@y a@x a@x");
  });
});

test("a host that hangs does not hold up its tenant's calls to others", () => {
  const bulkhead = new Bulkhead(SMALL);
  bulkhead.enter("a", "hung");
  bulkhead.enter("a", "hung");
  bulkhead.wait("a", "hung", () => {});
  expect(bulkhead.enter("a", "fine")).toBeDefined();
});

test("a place handed over to a waiter that is leaving must be released by it", () => {
  const bulkhead = new Bulkhead({ ...SMALL, total: 1 });
  const first = bulkhead.enter("a", "x")!;
  let got: Place | undefined;
  const waiter = bulkhead.wait("a", "x", (place) => (got = place))!;
  expect(bulkhead.enter("a", "x")).toBeUndefined();
  bulkhead.release(first);
  expect(bulkhead.leave(waiter)).toBe(false);
  bulkhead.release(got!);
  expect(bulkhead.active).toBe(0);
  expect(bulkhead.enter("b", "x")).toBeDefined();
});

test("a callback may enter, leave and release", () => {
  const bulkhead = new Bulkhead({ ...SMALL, total: 1 });
  const first = bulkhead.enter("a", "x")!;
  const served: string[] = [];
  const doomed = bulkhead.wait("a", "x", (place) => {
    served.push("a");
    bulkhead.leave(second!);
    bulkhead.release(place);
  });
  const second = bulkhead.wait("b", "x", () => served.push("b"));
  bulkhead.wait("c", "x", () => served.push("c"));
  expect(doomed).toBeDefined();
  bulkhead.release(first);
  expect(served).toEqual(["a", "c"]);
});

test("never above the limits, no call waits needlessly, none is lost or served out of turn", () => {
  const step = fc.record({
    kind: fc.constantFrom("enter", "enter", "enter", "release", "release", "leave"),
    tenant: fc.constantFrom("a", "b", "c"),
    host: fc.constantFrom("x", "y", "z"),
    which: fc.nat(30),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const bulkhead = new Bulkhead(SMALL);
      const wrong: string[] = [];
      const held: Place[] = [];
      const queue: { id: number; tenant: string; host: string; waiter: Waiter }[] = [];
      const gone = new Set<number>();

      const count = (match: (place: Place) => boolean) => held.filter(match).length;
      const couldGo = (tenant: string, host: string) =>
        held.length < SMALL.total && count((p) => p.tenant.id === tenant) < SMALL.perTenant &&
        count((p) => p.tenant.id === tenant && p.host === host) < SMALL.perHost;

      steps.forEach(({ kind, tenant, host, which }, id) => {
        if (kind === "enter") {
          const possible = couldGo(tenant, host);
          const place = bulkhead.enter(tenant, host);
          if ((place !== undefined) !== possible) wrong.push(`${id} enters: ${!possible}`);
          if (place !== undefined) {
            held.push(place);
            return;
          }
          const waiter = bulkhead.wait(tenant, host, (got) => {
            const at = queue.findIndex((one) => one.id === id);
            // First come, first served among those of the same tenant and host.
            const first = queue.findIndex((one) => one.tenant === tenant && one.host === host);
            if (first !== at) wrong.push(`${id} overtakes`);
            if (gone.has(id)) wrong.push(`${id} is gone`);
            queue.splice(at, 1);
            held.push(got);
          });
          const queued = queue.filter((one) => one.tenant === tenant).length;
          if ((waiter !== undefined) !== (queued < SMALL.queue)) {
            wrong.push(`${id}: ${queued} wait`);
          }
          if (waiter !== undefined) queue.push({ id, tenant, host, waiter });
        } else if (kind === "release" && held.length > 0) {
          bulkhead.release(held.splice(which % held.length, 1)[0]!);
        } else if (kind === "leave" && queue.length > 0) {
          const [one] = queue.splice(which % queue.length, 1);
          gone.add(one!.id);
          const left = [bulkhead.leave(one!.waiter), bulkhead.leave(one!.waiter)];
          if (!left[0] || left[1]) wrong.push(`${one!.id} leaves: ${left.join()}`);
        }
        if (bulkhead.active !== held.length) {
          wrong.push(`${bulkhead.active} of ${held.length} active`);
        }
        for (const one of queue) if (couldGo(one.tenant, one.host)) wrong.push(`${one.id} waits`);
        for (const t of ["a", "b", "c"]) {
          const { active, queued } = bulkhead.load(t);
          const waiting = queue.filter((one) => one.tenant === t).length;
          if (active !== count((place) => place.tenant.id === t) || queued !== waiting) {
            wrong.push(`${t}: ${active} active, ${queued} wait`);
          }
        }
      });

      while (held.length > 0) bulkhead.release(held.pop()!);
      expect(queue).toEqual([]);
      expect(wrong).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("a tenant at a hundred times its part leaves the others theirs", () => {
  const bulkhead = new Bulkhead({ total: 10, perTenant: 10, perHost: 10, queue: 2_000 });
  const held: Place[] = [];
  const served = { loud: 0, quiet: 0 };
  const ask = (tenant: "loud" | "quiet") => {
    const place = bulkhead.enter(tenant, "x");
    if (place !== undefined) held.push(place);
    else {
      bulkhead.wait(tenant, "x", (got) => {
        served[tenant]++;
        held.push(got);
      });
    }
  };
  for (let i = 0; i < 1_000; i++) ask("loud");
  for (let i = 0; i < 10; i++) ask("quiet");
  for (let i = 0; i < 20; i++) bulkhead.release(held.shift()!);
  expect(served).toEqual({ loud: 10, quiet: 10 });
});

test("hosts and tenants that are no longer called are forgotten", () => {
  const bulkhead = new Bulkhead();
  for (let i = 0; i < 1_000; i++) bulkhead.release(bulkhead.enter("a", `${i}.example`)!);
  expect(bulkhead.enter("a", "a.example")!.tenant.places.size).toBeLessThanOrEqual(65);
});

test("nor are those remembered that a tenant without a place asked for", () => {
  const bulkhead = new Bulkhead({ total: 1, perTenant: 1, perHost: 1, queue: 0 });
  const place = bulkhead.enter("a", "a.example")!;
  for (let i = 0; i < 1_000; i++) {
    expect(bulkhead.enter("a", `${i}.example`)).toBeUndefined();
    expect(bulkhead.wait("a", `${i}.example`, () => {})).toBeUndefined();
  }
  expect(place.tenant.places.size).toBeLessThanOrEqual(65);
});
