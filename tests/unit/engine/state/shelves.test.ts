import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Heaped, LargestFirst } from "../../../../src/engine/state/heap.ts";
import { type Shelved, Shelves } from "../../../../src/engine/state/shelves.ts";
import { halfOf } from "../../../support/share.ts";

test("the largest of many, whatever grows, shrinks and leaves", () => {
  const step = fc.record({ which: fc.nat(12), bytes: fc.nat(20), leaves: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const heap = new LargestFirst<Heaped>();
      const items = Array.from({ length: 13 }, () => ({ bytes: 0, place: -1 }));
      for (const { which, bytes, leaves } of steps) {
        const item = items[which] as Heaped;
        if (leaves && item.place >= 0) heap.remove(item);
        else {
          item.bytes = bytes;
          heap.update(item);
        }
        const within = items.filter(({ place }) => place >= 0).map((one) => one.bytes);
        expect(heap.largest?.bytes).toBe(within.length === 0 ? undefined : Math.max(...within));
      }
    }),
    halfOf(100),
  );
});

class Item implements Shelved<Item> {
  previous: Item | undefined;
  next: Item | undefined;
  list: unknown;
  bytes = 10;
  readonly tenantId: string;

  constructor(tenantId: string) {
    this.tenantId = tenantId;
  }
}

test("a hundred thousand tenants cost no look at each of them, and push nothing out that is within its part", () => {
  const dropped: Item[] = [];
  const shelves = new Shelves<Item>(
    () => ({ bytesPerTenant: 1_000, bytes: 1_000_000 }),
    (item) => dropped.push(item),
  );
  for (let n = 0; n < 5; n++) shelves.add(new Item("quiet"));
  for (let n = 0; n < 99_990; n++) shelves.add(new Item(`made-up-${n}`));
  for (let n = 0; n < 100; n++) shelves.add(new Item("loud"));
  // A look at each of them for each that makes room would be 10,000,000,000 looks.
  for (let n = 0; n < 100_000; n++) shelves.add(new Item("loud"));
  expect(new Set(dropped.map(({ tenantId }) => tenantId))).toEqual(new Set(["loud"]));
  expect(shelves.bytes).toBe(1_000_000);
});
