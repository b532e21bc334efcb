/** Types of a document as callers and validators see them. Where a line has no expectation, it is that it compiles. */
import { expect, test } from "bun:test";
import { createChecker } from "../../../src/schema/check.ts";
import {
  type Animal,
  definition,
  type Device,
  type Pet,
  type Plant,
  type Record1Input,
  type Shape,
  Typed,
} from "../golden/imported_types/mod.gen.ts";
import { Results } from "../golden/results/mod.gen.ts";
import { Served } from "./served.ts";

const served = Served.forThisFile();

test("a mapping tells the members of a union apart", async () => {
  served.json({ petType: "cat", lives: 9 });
  const pet: Pet = await new Typed(served.options).getPet();
  if (pet.petType !== "cat") throw new Error(`It is a ${pet.petType}`);
  const lives: number | undefined = pet.lives;
  expect(lives).toBe(9);
});

test("a value of the mapping goes with its own member only", () => {
  const right: Device = { type: "TYPE_A2", a: "x" };
  const hasA: "a" extends keyof Extract<Device, { type: "TYPE_B" }> ? true : false = false;
  expect([right.type, hasA]).toEqual(["TYPE_A2", false]);
});

test("a parent that lists its children gives them its properties, and they are its members", async () => {
  served.json({ kind: "circle", area: 3, radius: 1 });
  const shape: Shape = await new Typed(served.options).getShape();
  if (shape.kind !== "circle") throw new Error(`It is a ${shape.kind}`);
  const found: [number, number] = [shape.area, shape.radius];
  expect(found).toEqual([3, 1]);
});

test("a parent whose discriminator names no list stands for its children, and for itself where the mapping says so", async () => {
  served.json({ kind: "duck", wings: 2, pond: "north", mother: { kind: "any" } });
  const animal: Animal = await new Typed(served.options).getAnimal();
  if (animal.kind !== "duck") throw new Error(`It is a ${animal.kind}`);
  const found: [number, string, unknown] = [animal.wings, animal.pond, animal.mother?.kind];
  expect(found).toEqual([2, "north", "any"]);
  const tree: Plant = { sort: "Tree", height: 3 };
  const wrong: "scent" extends keyof Extract<Plant, { sort: "Tree" }> ? true : false = false;
  expect([tree.sort, wrong, mistakes("putPlant", tree)]).toEqual(["Tree", false, 0]);
  expect(mistakes("putPlant", { height: 3 })).toBeGreaterThan(0);
});

/** How many mistakes a validator finds in an input. */
function mistakes(id: string, input: unknown): number {
  const operation = definition.operations.find((one) => one.id === id);
  return createChecker(definition.types)(id, operation?.input, input).length;
}

test("a closed child of a closed parent takes the properties of both, and no others", () => {
  for (const [id, own] of [["addDog", {}], ["putDog", { id: "1" }]] as const) {
    expect(mistakes(id, { ...own, name: "Rex", barks: true })).toBe(0);
    expect(mistakes(id, { ...own, barks: true })).toBeGreaterThan(0);
    expect(mistakes(id, { ...own, name: "Rex", wings: 2 })).toBeGreaterThan(0);
  }
});

test("a base of what only answers have adds nothing to requests", () => {
  const record: Record1Input = { title: "x", nothing: null, null: 1 };
  const misspelt: "titel" extends keyof Record1Input ? true : false = false;
  expect([record.null, misspelt]).toEqual([1, false]);
});

test("a selector finds in parts of an `allOf` what the check finds there", async () => {
  served.json({ data: [{ id: 1 }] });
  const things: { id: number }[] = await new Results(served.options).things.combined();
  expect(things).toEqual([{ id: 1 }]);
});

test("what another part of an allOf requires is there, with the type that it has", async () => {
  served.json({ name: "a", size: 1, more: true, untold: [] });
  const { name, size, more, untold } = await new Typed(served.options).getNeeded();
  const found: [string, number, boolean, unknown] = [name, size, more, untold];
  expect(found).toEqual(["a", 1, true, []]);
});
