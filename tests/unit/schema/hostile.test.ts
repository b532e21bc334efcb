/** Values that would take longer than anyone waits, if each alternative were tried for each of them again. */
import { describe, expect, test } from "bun:test";
import { createChecker } from "../../../src/schema/check.ts";
import { explain } from "../../../src/schema/explain.ts";

const either = (...members: unknown[]) => ({ anyOf: members });
const holds = (name: string, more: object = {}) => ({
  type: "object",
  properties: { n: { $ref: "#/$defs/Tree" }, ...more },
  required: [name],
});
/** Two alternatives that both hold another tree. */
const types = {
  Tree: either(holds("n"), holds("n", { m: { type: "string" } }), { type: "string" }),
};
const TREE = { $ref: "#/$defs/Tree" };

function nested(depth: number, leaf: unknown): unknown {
  let value = leaf;
  for (let level = 0; level < depth; level++) value = { n: value };
  return value;
}

describe("alternatives within alternatives", () => {
  test("fit without being tried again", () => {
    expect(createChecker(types)("tree", TREE, nested(400, "leaf"))).toEqual([]);
  });

  test("that do not fit are refused, without saying where if that takes too long", () => {
    const check = createChecker(types);
    const deep = nested(400, 1);
    expect(explain(check("tree", TREE, deep), deep)).toEqual([{
      path: "$",
      pointer: "",
      message: "does not fit, and is too large, or nests too much, to say where",
    }]);
    const shallow = nested(3, 1);
    expect(explain(check("tree", TREE, shallow), shallow)).toMatchObject([{ path: "$.n.n.n" }]);
  });

  test("are refused the same where the first mistake is on the way", () => {
    const types = {
      Tree: { allOf: [{ type: "object", required: ["x"] }, either(holds("n"), holds("n"))] },
    };
    const deep = nested(400, {});
    expect(createChecker(types)("tree", TREE, deep)).toHaveLength(1);
  });
});

test("items that must all differ are not compared with each other one by one", () => {
  const check = createChecker({});
  const schema = { type: "array", uniqueItems: true };
  const list = Array.from({ length: 100_000 }, (_, at) => ({ at, same: [1, { b: 2, a: 1 }] }));
  expect(check("list", schema, list)).toEqual([]);
  const [first] = list;
  const again = { same: [1, { a: 1, b: 2 }], at: first?.at };
  expect(check("list", schema, [...list, again])).toHaveLength(1);
  for (const differ of [["1", 1], ["[]", []], [null, "null"], ['{"a":1}', { a: 1 }]]) {
    expect(check("list", schema, differ)).toEqual([]);
  }
});
