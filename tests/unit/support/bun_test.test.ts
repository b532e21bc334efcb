/** The subset of bun:test that the tests may use behaves the same on Bun and on Deno. */
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  mock,
  spyOn,
  test,
} from "bun:test";

describe("hooks", () => {
  const seen: string[] = [];
  beforeAll(async () => {
    await Promise.resolve();
    seen.push("all");
  });
  beforeEach(() => {
    seen.push("each");
  });
  afterEach(() => {
    seen.push("after");
  });
  test("run before the first test", () => {
    expect(seen).toEqual(["all", "each"]);
  });
  describe("nested", () => {
    beforeEach(() => {
      seen.push("inner");
    });
    it("run outside in", () => {
      expect(seen.slice(2)).toEqual(["after", "each", "inner"]);
    });
  });
  afterAll(() => {
    if (seen.filter((name) => name === "after").length !== 2) throw new Error(seen.join());
  });
});

describe("tables", () => {
  const rows: string[] = [];
  test.each([["a", 1], ["b", 2]] as const)("%s is %d", (name, value) => {
    rows.push(`${name}${value}`);
  });
  test.each([{ key: "x" }, { key: "y" }])("$key", ({ key }) => {
    rows.push(key);
  });
  test.each(["p", "q"])("scalar %s", (name) => {
    rows.push(name);
  });
  test("have run every row", () => {
    expect(rows).toEqual(["a1", "b2", "x", "y", "p", "q"]);
  });
});

describe("matchers", () => {
  test("compare bytes, errors and promises", async () => {
    expect(new Uint8Array([1, 2])).toEqual(new Uint8Array([1, 2]));
    expect({ in: new Uint8Array([1, 2]) }).not.toEqual({ in: new Uint8Array([1, 3]) });
    expect(new Uint8Array([1, 2])).not.toEqual(new Uint8Array([1, 2, 3]));
    expect(() => {
      throw new TypeError("no such thing");
    }).toThrow(TypeError);
    await expect(Promise.reject(new Error("gone"))).rejects.toThrow("gone");
    await expect(Promise.resolve({ a: 1, b: 2 })).resolves.toMatchObject({ a: 1 });
    expect(() => expect(1).toBe(2)).toThrow();
  });
  test("count calls", () => {
    const callback = mock((value: number) => value + 1);
    expect(callback(1)).toBe(2);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(callback).toHaveBeenCalledWith(1);
    const object = { greet: () => "hello" };
    const spy = spyOn(object, "greet").mockReturnValue("bye");
    expect(object.greet()).toBe("bye");
    spy.mockRestore();
    expect(object.greet()).toBe("hello");
  });
});

test.skipIf(true)("is skipped by a condition: it would throw", () => {
  throw new Error("ran");
});
