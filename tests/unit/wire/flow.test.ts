import { describe, expect, test } from "bun:test";
import { ConnectorError, ErrorClass } from "../../../src/core/errors.ts";
import {
  ByteBudget,
  IncomingBody,
  ReceiveCredit,
  sendBody,
  SendCredit,
  SharedBudget,
} from "../../../src/wire/mod.ts";

async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe("SendCredit", () => {
  test("spends what both credits allow and waits for more", async () => {
    const credit = new SendCredit({ callCredit: 100, connectionCredit: 150 });
    credit.open(1);
    expect(credit.take(1, 80)).toBe(80);
    expect(credit.take(1, 80)).toBe(20);
    const waiting = credit.take(1, 80) as Promise<number>;
    credit.grant(1, 30);
    expect(await waiting).toBe(30);
    expect(credit.connectionCredit).toBe(20);
  });

  test("calls that wait for the connection take turns", async () => {
    const credit = new SendCredit({ callCredit: 1000, connectionCredit: 10 });
    const order: string[] = [];
    const send = async (id: number, rounds: number) => {
      for (let i = 0; i < rounds; i++) order.push(`${id}:${await credit.take(id, 10)}`);
    };
    credit.open(1);
    credit.open(2);
    credit.open(3);
    const all = [send(1, 3), send(2, 2), send(3, 2)];
    for (let i = 0; i < 6; i++) {
      await settled();
      credit.grant(0, 10);
    }
    await Promise.all(all);
    expect(order).toEqual(["1:10", "2:10", "3:10", "1:10", "2:10", "3:10", "1:10"]);
  });

  test("what the sender has no room for waits, in turns, until it was sent and room came back", async () => {
    let unsent = 0;
    const credit = new SendCredit(
      { callCredit: 1000, connectionCredit: 1000 },
      () => 50 - unsent,
    );
    const order: string[] = [];
    const send = async (id: number) => {
      for (let i = 0; i < 2; i++) {
        const bytes = await credit.take(id, 40);
        order.push(`${id}:${bytes}`);
        unsent += bytes;
        credit.sent(bytes);
      }
    };
    credit.open(1);
    credit.open(2);
    const all = [send(1), send(2)];
    await settled();
    // Taken before it was sent, it is not given out twice.
    expect(order).toEqual(["1:40", "2:10"]);
    for (let i = 0; i < 4; i++) {
      unsent = 0;
      credit.resume();
      await settled();
    }
    await Promise.all(all);
    expect(order).toEqual(["1:40", "2:10", "1:40", "2:10"]);
  });

  test("a call without credit of its own does not hold up the others", async () => {
    const credit = new SendCredit({ callCredit: 10, connectionCredit: 1000 });
    credit.open(1);
    credit.open(2);
    void credit.take(1, 10);
    const stalled = credit.take(1, 10);
    expect(credit.take(2, 10)).toBe(10);
    credit.close(1);
    expect(await stalled).toBe(0);
    expect(credit.take(1, 5)).toBe(0);
  });
});

describe("ReceiveCredit", () => {
  test("the connection's credit comes back on arrival, a call's when it is consumed", () => {
    const grants: [number, number][] = [];
    const credit = new ReceiveCredit({
      callCredit: 100,
      connectionCredit: 100,
      grant: (callId, bytes) => grants.push([callId, bytes]),
    });
    credit.open(7);
    credit.received(7, 40);
    expect(grants).toEqual([]);
    credit.received(7, 40);
    expect(grants).toEqual([[0, 80]]);
    credit.consumed(7, 40);
    credit.consumed(7, 40);
    expect(grants).toEqual([[0, 80], [7, 80]]);
  });

  test("a peer that sends without credit is refused", () => {
    const credit = new ReceiveCredit({ callCredit: 100, connectionCredit: 1000, grant: () => {} });
    credit.open(1);
    credit.received(1, 100);
    expect(() => credit.received(1, 1)).toThrow("1 bytes more than it had credit for");
  });
});

describe("a budget for what is unread", () => {
  function held(limit: number) {
    const grants: [number, number][] = [];
    const budget = new ByteBudget(limit, new SharedBudget(1e9).join(() => {}));
    const credit = new ReceiveCredit({
      callCredit: 100,
      connectionCredit: 100,
      budget,
      grant: (callId, bytes) => grants.push([callId, bytes]),
    });
    return { grants, budget, credit };
  }

  test("holds what was received and not read, until it is read or its call ends", () => {
    const { grants, budget, credit } = held(100);
    for (const id of [1, 2]) credit.open(id);
    credit.received(1, 80);
    credit.received(2, 80);
    credit.received(3, 80);
    expect(budget.exceededBy(0)).toBe("connection");
    credit.consumed(1, 60);
    expect(budget.exceededBy(0)).toBe(undefined);
    credit.consumed(1, 20);
    credit.close(2);
    credit.consumed(2, 80);
    credit.close(2);
    expect(budget.exceededBy(100)).toBe(undefined);
    expect(budget.exceededBy(101)).toBe("connection");
    expect(grants).toEqual([[0, 80], [0, 80], [0, 80], [1, 60]]);
  });

  test("a peer that does not wait for the connection's credit is refused", () => {
    const { credit } = held(50);
    expect(() => credit.received(2, 101)).toThrow("the connection was sent 1 bytes more");
  });
});

describe("IncomingBody", () => {
  function body() {
    const consumed: number[] = [];
    let cancelled = 0;
    const incoming = new IncomingBody({
      onConsumed: (bytes) => consumed.push(bytes),
      onCancel: () => cancelled++,
    });
    return { incoming, consumed, cancelled: () => cancelled };
  }

  test("nothing counts as consumed before it is read", async () => {
    const { incoming, consumed } = body();
    incoming.push(new Uint8Array(10));
    incoming.push(new Uint8Array(20));
    await settled();
    expect(consumed).toEqual([]);
    const reader = incoming.stream.getReader();
    await reader.read();
    expect(consumed).toEqual([10]);
  });

  test("many small pieces that nobody reads are put together, none is lost or changed", async () => {
    const { incoming, consumed } = body();
    const expected: number[] = [];
    let value = 0;
    const push = (size: number) => {
      const piece = new Uint8Array(size).map(() => value++ % 251);
      expected.push(...piece);
      incoming.push(piece);
    };
    for (let i = 0; i < 20_000; i++) push(1);
    push(5000);
    for (let i = 0; i < 100; i++) push(700);
    const reader = incoming.stream.getReader();
    const got: number[] = [];
    const read = async () => got.push(...(await reader.read()).value ?? []);
    for (let i = 0; i < 10; i++) await read();
    // What was handed out must not change when more arrives.
    for (let i = 0; i < 300; i++) push(1);
    while (got.length < expected.length) await read();
    expect(got).toEqual(expected);
    expect(consumed.length).toBeLessThan(80);
    for (let i = 0; i < 3; i++) push(1);
    incoming.end();
    while (got.length < expected.length) await read();
    expect(got).toEqual(expected);
    expect((await reader.read()).done).toBe(true);
  });

  test("an error comes after the bytes that arrived before it", async () => {
    const { incoming } = body();
    incoming.push(new Uint8Array([1]));
    incoming.push(new Uint8Array([2]));
    incoming.fail(
      new ConnectorError({
        errorClass: ErrorClass.Transient,
        code: "connection.lost",
        message: "gone",
      }),
    );
    const reader = incoming.stream.getReader();
    expect((await reader.read()).value).toEqual(new Uint8Array([1]));
    expect((await reader.read()).value).toEqual(new Uint8Array([2]));
    await expect(reader.read()).rejects.toThrow("gone");
  });

  test("ends for a reader that already waits", async () => {
    const { incoming } = body();
    const read = incoming.stream.getReader().read();
    await settled();
    incoming.end();
    expect((await read).done).toBe(true);
  });

  test("cancelling tells the owner once and drops what is queued", async () => {
    const { incoming, cancelled } = body();
    incoming.push(new Uint8Array(5));
    await incoming.stream.cancel();
    incoming.push(new Uint8Array(5));
    incoming.end();
    expect(cancelled()).toBe(1);
  });
});

describe("sendBody", () => {
  test("reads its source no faster than the credit allows", async () => {
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        if (pulled <= 10) controller.enqueue(new Uint8Array(100));
        else controller.close();
      },
    }, { highWaterMark: 0 });
    const credit = new SendCredit({ callCredit: 250, connectionCredit: 10_000 });
    credit.open(1);
    const sent: number[] = [];
    const done = sendBody(source, 1, credit, (bytes) => sent.push(bytes.length));
    await settled();
    expect(sent).toEqual([100, 100, 50]);
    expect(pulled).toBe(3);
    credit.grant(1, 10_000);
    expect(await done).toBe(true);
    expect(sent.reduce((a, b) => a + b)).toBe(1000);
  });

  test("cancels its source when the call is over", async () => {
    let cancelled = false;
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: () => {
        cancelled = true;
      },
    }, { highWaterMark: 0 });
    const credit = new SendCredit({ callCredit: 50, connectionCredit: 50 });
    credit.open(1);
    const done = sendBody(source, 1, credit, () => {});
    await settled();
    credit.close(1);
    expect(await done).toBe(false);
    expect(cancelled).toBe(true);
  });
});
