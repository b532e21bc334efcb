import { describe, expect, test } from "bun:test";
import { inFlight, oneAtATime } from "../../../bench/lib/measure.ts";
import { type Figure, meets, toMarkdown, toText, withReports } from "../../../bench/lib/report.ts";
import { compareRounds, interleave } from "../../../bench/lib/rounds.ts";
import { median, percentile } from "../../../bench/lib/stats.ts";

describe("statistics", () => {
  test.each([[[3, 1, 2], 2], [[4, 1, 2, 3], 2.5], [[7], 7]])(
    "median of %j is %d",
    (values, expected) => {
      expect(median(values)).toBe(expected);
    },
  );
  test("percentiles are values that occurred", () => {
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(percentile(values, 50)).toBe(100);
    expect(percentile(values, 99)).toBe(198);
    expect(percentile(values, 100)).toBe(200);
    expect(percentile([5], 1)).toBe(5);
  });
  test("of nothing are not numbers", () => {
    expect(median([])).toBeNaN();
    expect(percentile([], 50)).toBeNaN();
  });
});

describe("measuring", () => {
  test("one at a time takes an operation's own time where it tells one", async () => {
    const own = [5, 1, 3];
    expect(await oneAtATime(() => Promise.resolve(own.shift()), 3)).toEqual({ p50: 3, p99: 5 });
  });
  test("keeps so many in flight", async () => {
    let [now, most] = [0, 0];
    const perSecond = await inFlight(
      async () => {
        most = Math.max(most, ++now);
        await new Promise((resolve) => setTimeout(resolve, 1));
        now--;
      },
      8,
      50,
    );
    expect(most).toBe(8);
    expect(perSecond).toBeGreaterThan(8);
  });
  test("takes turns, the other way round every second time", async () => {
    const order: string[] = [];
    const results = await interleave(["a", "b"], 3, (side, round) => {
      order.push(side);
      return Promise.resolve(`${side}${round}`);
    });
    expect(order.join("")).toBe("abbaab");
    expect(results).toEqual({ a: ["a0", "a1", "a2"], b: ["b0", "b1", "b2"] });
    expect(compareRounds([2, 9], [1, 3], (ours, theirs) => ours / theirs)).toEqual([2, 3]);
  });
});

describe("reports", () => {
  const figures: Figure[] = [
    { name: "ratio", value: 0.9, unit: "×", target: { is: "at least", value: 0.85 } },
    { name: "added", value: 61.26, unit: "µs", target: { is: "at most", value: 60 } },
    { name: "plain", value: 123.4, unit: "k/s" },
  ];
  test("say whether a target was met", () => {
    expect(figures.map(meets)).toEqual([true, false, undefined]);
  });
  test("as a table", () => {
    expect(toText({ benchmark: "http", figures }).split("\n")).toEqual([
      "http",
      "figure  measured    target  met",
      "ratio     0.90 ×  ≥ 0.85 ×  yes",
      "added    61.3 µs   ≤ 60 µs   no",
      "plain    123 k/s",
    ]);
  });
  test("as Markdown", () => {
    expect(toMarkdown({ benchmark: "http", figures })).toBe(`### http

| figure | measured | target | met |
| --- | ---: | ---: | --- |
| ratio | 0.90 × | ≥ 0.85 × | yes |
| added | 61.3 µs | ≤ 60 µs | no |
| plain | 123 k/s |  |  |`);
  });
});

test("new figures take the place of the old ones of their benchmark, with the reasons for what was missed", () => {
  const target = { is: "at most", value: 1, missed: "it is far" } as const;
  const report = {
    benchmark: "b",
    figures: [
      { name: "way", value: 2, unit: "ms", target } as const,
      { name: "other way", value: 3, unit: "ms", target } as const,
      { name: "short way", value: 1, unit: "ms", target } as const,
    ],
  };
  const text = withReports(
    "### a\n\nother machine\n\nold a\n\n### b\n\nold b\n",
    [report],
    ["b", "a", "c"],
    "this machine",
  );
  expect(text).not.toContain("old b");
  expect(text).toMatch(
    /^### b\n\nthis machine\n\n\|[^]*\n- way; other way: it is far\.\n\n### a\n\nother machine\n\nold a$/,
  );
});
