import { expect, test } from "bun:test";
import fc from "fast-check";
import { readSelectors, withoutSecrets } from "../../../src/mcp/call/answer.ts";
import { bound } from "../../../src/mcp/call/bound.ts";
import { KeyedCalls } from "../../../src/mcp/call/calls.ts";
import { checkSelector, choose, parseSelector } from "../../../src/mcp/call/select.ts";
import { Shelf } from "../../../src/mcp/call/shelf.ts";
import { Secrets } from "../../../src/core/secrets/secrets.ts";
import { halfOf } from "../../support/share.ts";
import { fakeClock } from "../../support/clock.ts";

const VALUE = {
  items: [{ name: "a", tags: ["x", "y"] }, { name: "b", tags: [] }],
  "odd key": { n: 1 },
  text: "0123456789",
};

test("selectors choose parts in their places", () => {
  const chosen = (...texts: string[]) => choose(VALUE, texts.map(parseSelector));
  expect(chosen("items[].name")).toEqual({ items: [{ name: "a" }, { name: "b" }] });
  expect(chosen("items[-1].name", "items[0].tags[1]")).toEqual({
    items: [{ tags: ["y"] }, { name: "b" }],
  });
  expect(chosen('$["odd key"].n', "text[2:5]")).toEqual({ "odd key": { n: 1 }, text: "234" });
  expect(chosen("$[1:]")).toEqual({ "odd key": { n: 1 }, text: "0123456789" });
  expect(chosen("$")).toEqual(VALUE);
  expect(chosen("items.name", "nothing")).toEqual({});
});

test("a selector that makes no sense, or names what is not there, is refused with what would be right", () => {
  for (const text of ["", "a..b", "a[", "a[x]", "[", "a b", String.raw`$["\x"]`]) {
    expect(() => parseSelector(text)).toThrow("cannot be read at character");
  }
  const types = { Item: { type: "object", properties: { name: { type: "string" }, size: {} } } };
  const schema = {
    type: "object",
    properties: {
      items: { type: "array", items: { anyOf: [{ $ref: "#/$defs/Item" }, { type: "null" }] } },
      map: { type: "object", additionalProperties: { $ref: "#/$defs/Item" } },
      any: {},
    },
  };
  const check = (text: string) => checkSelector(parseSelector(text), schema, types);
  for (
    const text of ["items[].name", "items[0:2].size.x", "map.whatever.name", "any.thing[0].x", "$"]
  ) {
    expect(() => check(text)).not.toThrow();
  }
  expect(() => check("items[].nam")).toThrow('there are name, size. Did you mean "name"?');
  expect(() => check("itms")).toThrow("Did you mean");
  expect(() => check("map.x.nme")).toThrow("Did you mean");
  expect(() => check("items.name")).toThrow("which is a list: write [] behind its name");
  expect(() => check("items[].name.first")).toThrow("which is not an object");
});

test("a selector through types that contain one another costs no more than its length", () => {
  const block = (name: string) => ({
    type: "object",
    properties: { kind: { const: name }, content: { anyOf: [{ $ref: "#/$defs/Any" }] } },
  });
  const alternatives = ["A", "B", "C", "Any"].map((name) => ({ $ref: `#/$defs/${name}` }));
  const types = { A: block("a"), B: block("b"), C: block("c"), Any: { anyOf: alternatives } };
  const path = "content.".repeat(60);
  const check = (text: string) =>
    checkSelector(parseSelector(text), { $ref: "#/$defs/Any" }, types);
  expect(() => check(`${path}kind`)).not.toThrow();
  expect(() => check(`${path}knd`)).toThrow("there are kind, content.");
  expect(() => parseSelector("a.".repeat(251))).toThrow("at most 500 characters");
  expect(() => readSelectors(Array.from({ length: 51 }, () => "$"), {}, {})).toThrow("at most 50");
});

test("whatever is cut stays JSON within its room, and what is cut is named by a selector that finds it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 40, max: 300 }), (value, room) => {
      const { part, cut } = bound(value, room);
      if (JSON.stringify(value).length <= room) return;
      expect(JSON.stringify(part).length).toBeLessThanOrEqual(room);
      expect(cut.length).toBeGreaterThan(0);
      for (const { path, shown, of } of cut) {
        expect(shown).toBeLessThan(of);
        expect(() => parseSelector(path)).not.toThrow();
      }
    }),
    halfOf(300),
  );
});

test("an answer nested without end is cut, not followed", () => {
  let deep: unknown = "x";
  for (let at = 0; at < 20_000; at++) deep = [deep];
  expect(bound(deep, 100).cut.length).toBe(1);
});

test("a secret of digits is taken out of numbers, too, and leaves JSON", () => {
  const secrets = new Secrets(["20261231", 's3cr3t"x']);
  const redact = (text: string) => secrets.redact(text);
  const value = { id: 20261231, more: [9202612319, 'a \\20261231"', -1.5e300], text: 's3cr3t"x' };
  expect(withoutSecrets(value, redact)).toEqual({
    id: "[redacted]",
    more: ["9[redacted]9", 'a \\[redacted]"', -1.5e300],
    text: "[redacted]",
  });
});

test("a shelf keeps so much for each tenant, for so long, and the newest of it", () => {
  const clock = fakeClock();
  const shelf = new Shelf<string>({ entries: 2, size: 10, total: 15, ageMs: 100 }, clock);
  const has = () => ["a", "b", "c"].map((key) => shelf.get("t", key) !== undefined);
  for (const key of ["a", "b", "c"]) expect(shelf.put("t", key, key, 3)).toBe(true);
  expect(has()).toEqual([false, true, true]);
  expect(shelf.put("t", "a", "large", 11)).toBe(false);
  expect(shelf.get("u", "b")).toBeUndefined();
  shelf.put("t", "a", "most", 8);
  expect(has()).toEqual([true, false, false]);
  shelf.put("u", "b", "more", 9);
  expect([has()[0], shelf.size]).toEqual([false, 9]);
  clock.advance(101);
  expect([shelf.get("u", "b"), shelf.size]).toEqual([undefined, 0]);
});

test("a keyed call that did nothing may be made again, one that may have may not", async () => {
  const calls = new KeyedCalls<string>(1_000, fakeClock());
  let made = 0;
  const make = (final: boolean) => () => Promise.resolve({ result: `${++made}`, final, size: 1 });
  const call = (id: string, final: boolean) => calls.make("t", id, "print", make(final));
  expect([await call("no", false), await call("no", false)]).toEqual(["1", "2"]);
  expect([await call("yes", true), await call("yes", true)]).toEqual(["3", "3"]);
  await expect(calls.make("t", "yes", "other", make(true))).rejects.toThrow(
    "was used for another call",
  );
  expect(await calls.make("u", "yes", "other", make(true))).toBe("4");
  const large = () => Promise.resolve({ result: "large", final: true, size: 9 << 20 });
  expect(await calls.make("t", "large", "print", large)).toBe("large");
  await expect(call("large", true)).rejects.toThrow("was carried out, and its answer was too long");
  const broken = () => Promise.reject(new Error("no"));
  await expect(calls.make("t", "broken", "print", broken)).rejects.toThrow("no");
  expect(await call("broken", true)).toBe("5");
});
