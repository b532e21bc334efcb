import { describe, expect, test } from "bun:test";
import { Deliveries } from "../../../src/platform/shared/deliveries.ts";

function rig() {
  const turns: (() => void)[] = [];
  const seen: string[] = [];
  const deliveries = new Deliveries((flush) => void turns.push(flush));
  const receiver = (name: string, then = (): void => {}) => ({
    data(bytes: Uint8Array): void {
      seen.push(name + bytes.join());
      then();
    },
  });
  const turn = (): void => turns.splice(0).forEach((flush) => flush());
  return { deliveries, seen, receiver, turn };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("what sockets bring in one turn", () => {
  test("is handed on at once where only one is in use", () => {
    const { deliveries, seen, receiver } = rig();
    deliveries.use(1);
    deliveries.hand(receiver("a"), bytes(1));
    expect(seen).toEqual(["a1"]);
  });

  test("is handed on together where several are, in the order of arrival", () => {
    const { deliveries, seen, receiver, turn } = rig();
    deliveries.use(1);
    deliveries.use(1);
    const [a, b] = [receiver("a"), receiver("b")];
    for (const [to, value] of [[a, 1], [b, 2], [a, 3]] as const) deliveries.hand(to, bytes(value));
    // It waits even when the other one is gone by then: nothing overtakes.
    deliveries.use(-1);
    deliveries.hand(a, bytes(4));
    expect(seen).toEqual([]);
    turn();
    expect(seen).toEqual(["a1", "b2", "a3", "a4"]);
    deliveries.hand(a, bytes(5));
    expect(seen.at(-1)).toBe("a5");
  });

  test("comes before what follows it, also when asked for in the middle", () => {
    const { deliveries, seen, receiver, turn } = rig();
    deliveries.use(1);
    deliveries.use(1);
    deliveries.hand(receiver("a", () => deliveries.flush()), bytes(1));
    deliveries.hand(receiver("b"), bytes(2));
    deliveries.flush();
    expect(seen).toEqual(["a1", "b2"]);
    turn();
    expect(seen).toHaveLength(2);
  });

  test("reaches the others when a receiver fails", () => {
    const { deliveries, seen, receiver, turn } = rig();
    deliveries.use(1);
    deliveries.use(1);
    const failing = receiver("a", () => {
      throw new Error("no");
    });
    deliveries.hand(failing, bytes(1));
    deliveries.hand(receiver("b"), bytes(2));
    expect(turn).toThrow("no");
    turn();
    expect(seen).toEqual(["a1", "b2"]);
  });
});
