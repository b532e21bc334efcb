import { describe, expect, test } from "bun:test";
import { parseSelector, select, selector } from "../../../src/sse/mod.ts";

describe("select", () => {
  const value = {
    choices: [{ delta: { content: "a" } }, { delta: {} }],
    "odd key": 1,
    list: [1, 2, 3],
  };

  test("follows keys and places", () => {
    expect(select(["choices", 0, "delta", "content"], value)).toBe("a");
    expect(select(["list", -1], value)).toBe(3);
    expect(select([], value)).toBe(value);
  });

  test("is undefined where the way ends", () => {
    expect(select(["choices", 5, "delta"], value)).toBeUndefined();
    expect(select(["choices", "delta"], value)).toBeUndefined();
    expect(select(["nothing", "more"], value)).toBeUndefined();
    expect(select(["a"], null)).toBeUndefined();
    expect(select(["list", -4], value)).toBeUndefined();
  });

  test("sees own properties only", () => {
    expect(select(["constructor"], {})).toBeUndefined();
    expect(select(["__proto__"], {})).toBeUndefined();
    expect(select([0], "text")).toBeUndefined();
  });
});

describe("selector", () => {
  test("reads the notation", () => {
    expect(parseSelector('$.choices[0].delta["odd key"][-1]')).toEqual([
      "choices",
      0,
      "delta",
      "odd key",
      -1,
    ]);
    expect(selector("$.a")({ a: 1 })).toBe(1);
    expect(parseSelector("$")).toEqual([]);
  });

  test("says where it cannot be read", () => {
    expect(() => parseSelector("choices")).toThrow("must start with $");
    expect(() => parseSelector("$.a[x]")).toThrow("character 4");
    expect(() => parseSelector("$..a")).toThrow("character 2");
  });
});
