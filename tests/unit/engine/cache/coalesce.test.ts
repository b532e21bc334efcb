import { describe, expect, test } from "bun:test";
import { Coalescer, coalescingKey } from "../../../../src/engine/cache/coalesce.ts";
import type { End } from "../../../../src/engine/state/flight.ts";
import { callTo } from "../support.ts";

describe("what is equal", () => {
  const call = callTo("https://a.example/", { headers: [["Accept", "a"], ["authorization", "x"]] });
  const key = coalescingKey(call);
  test("the case of names and what traces a call do not count", () => {
    const headers = [["accept", "a"], ["traceparent", "00-1"], ["Authorization", "x"]] as const;
    expect(coalescingKey({ ...call, headers })).toBe(key!);
  });
  test("everything else does", () => {
    const others = [
      { ...call, tenantId: "u" },
      { ...call, connector: "c" },
      { ...call, url: "https://a.example/?" },
      { ...call, headers: [["accept", "a"], ["authorization", "y"]] as const },
      { ...call, headers: [["accept", "a"]] as const },
      { ...call, tenantId: "t\nhttp", connector: "" },
    ];
    expect(new Set([key, ...others.map(coalescingKey)]).size).toBe(others.length + 1);
  });
  test("nothing but a GET without a body", () => {
    expect(coalescingKey({ ...call, method: "POST" })).toBeUndefined();
    expect(coalescingKey({ ...call, body: new Uint8Array(1) })).toBeUndefined();
  });
});

describe("Coalescer", () => {
  function fixture() {
    const coalescer = new Coalescer<string>();
    const ends: End<string>[] = [];
    expect(coalescer.begin("k")).toBeUndefined();
    const flight = coalescer.begin("k")!;
    flight.join((end) => ends.push(end));
    return { coalescer, flight, ends };
  }

  test("all who joined get the one answer, and the next call is a new one", () => {
    const { coalescer, flight, ends } = fixture();
    const gone = flight.join((end) => ends.push(end));
    flight.leave(gone);
    coalescer.answer("k", "a");
    coalescer.answer("k", "b");
    expect(ends).toEqual([{ kind: "answer", answer: "a" }]);
    expect(coalescer.begin("k")).toBeUndefined();
  });

  test("a failure is everybody's", () => {
    const { coalescer, ends } = fixture();
    coalescer.fail("k", "why");
    expect(ends).toEqual([{ kind: "error", error: "why" }]);
    expect(coalescer.size).toBe(0);
  });

  test("a caller that cancels passes the call to the next; the last one ends it", () => {
    const { coalescer, ends } = fixture();
    coalescer.giveUp("k");
    expect(ends).toEqual([{ kind: "yours" }]);
    expect(coalescer.size).toBe(1);
    coalescer.giveUp("k");
    expect(coalescer.size).toBe(0);
  });
});
