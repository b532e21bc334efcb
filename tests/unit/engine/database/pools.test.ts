/** Pools, with connections that a test opens itself and a clock that it moves. */
import { beforeEach, describe, expect, test } from "bun:test";
import type { CallAbort } from "../../../../src/core/async/call_signal.ts";
import type { DatabaseConnection } from "../../../../src/core/database/driver.ts";
import { ActiveCall } from "../../../../src/engine/call.ts";
import { type Lease, type PoolKey, Pools } from "../../../../src/engine/database/pools.ts";
import type { TenantPolicy } from "../../../../src/engine/tenancy/tenant.ts";
import { createTimers } from "../../../../src/engine/timers.ts";
import { type FakeClock, fakeClock } from "../../../support/clock.ts";
import { callTo } from "../support.ts";

let clock: FakeClock;
let pools: Pools;
let opened: Fake[];

class Fake implements DatabaseConnection {
  usable = true;
  closed = false;
  onLost: (() => void) | undefined = undefined;
  run = () => Promise.reject(new Error("not used"));
  stream = () => ({ next: () => Promise.resolve(undefined), close: () => Promise.resolve() });
  cancel(): void {}
  close(): void {
    this.closed = true;
  }
}

beforeEach(() => {
  clock = fakeClock();
  pools = new Pools({ maxConnections: 3, idleMs: 1_000 }, clock, createTimers(clock));
  opened = [];
});

const call = () =>
  new ActiveCall(callTo("postgres://db"), {} as TenantPolicy, "1", 0, 10_000, () => {});
const key = (name: string, size = 2): PoolKey => ({
  tenantId: "t",
  url: name,
  database: name,
  size,
});

function lease(name: string, by = call(), size = 2): Promise<Lease> {
  return Promise.resolve(pools.lease(by, key(name, size), () => {
    const made = new Fake();
    opened.push(made);
    return Promise.resolve(made);
  }));
}

const figures = () =>
  pools.figures().map(({ database, open, inUse, waiting }) =>
    `${database} ${open} ${inUse} ${waiting}`
  );

describe("a pool", () => {
  test("opens as many as it may, and hands them on in the order of arrival", async () => {
    const [one, two] = await Promise.all([lease("a"), lease("a")]);
    const order: string[] = [];
    const third = lease("a").then((got) => {
      order.push("third");
      return got;
    });
    const fourth = lease("a").then((got) => {
      order.push("fourth");
      return got;
    });
    expect(figures()).toEqual(["a 2 2 2"]);
    one.release();
    two.release();
    await Promise.all([third, fourth]);
    expect(order).toEqual(["third", "fourth"]);
    expect(opened.length).toBe(2);
  });

  test("closes what is idle for long, and what is old", async () => {
    (await lease("a")).release();
    clock.advance(999);
    expect(opened[0]?.closed).toBe(false);
    clock.advance(1);
    expect(opened[0]?.closed).toBe(true);
    expect(figures()).toEqual([]);
    for (let minute = 0; minute < 31 * 60; minute++) {
      const one = await lease("a");
      clock.advance(999);
      one.release();
    }
    expect(opened.length).toBe(3);
    expect(opened[1]?.closed).toBe(true);
  });

  test("does not use again what is lost or not usable", async () => {
    (await lease("a")).release();
    opened[0]?.onLost?.();
    const two = await lease("a");
    expect(opened.length).toBe(2);
    if (opened[1]) opened[1].usable = false;
    two.release();
    expect(opened[1]?.closed).toBe(true);
    await lease("a");
    expect(opened.length).toBe(3);
  });

  test("gives the room of one that could not be opened to who waits", async () => {
    const refused = pools.lease(call(), key("a", 1), () => Promise.reject(new Error("refused")));
    const next = lease("a", call(), 1);
    await expect(refused as Promise<Lease>).rejects.toThrow("refused");
    await next;
    expect(figures()).toEqual(["a 1 1 0"]);
  });

  test("forgets calls that left the queue", async () => {
    const one = await lease("a", call(), 1);
    const leaving = call();
    const left = lease("a", leaving, 1);
    const staying = lease("a", call(), 1);
    leaving.abort(new Error("gone") as never);
    await expect(left).rejects.toThrow("gone");
    one.release();
    await staying;
    expect(figures()).toEqual(["a 1 1 0"]);
  });
});

describe("all pools together", () => {
  test("keep to their limit: an idle connection elsewhere makes room", async () => {
    (await lease("a")).release();
    await lease("b");
    await lease("b");
    await lease("c");
    expect(opened[0]?.closed).toBe(true);
    expect(figures()).toEqual(["b 2 2 0", "c 1 1 0"]);
  });

  test("and where all are in use, the next that is free", async () => {
    const [one] = await Promise.all([lease("a"), lease("b"), lease("b")]);
    const waiting = lease("c");
    expect(figures()).toEqual(["a 1 1 0", "b 2 2 0", "c 0 0 1"]);
    one?.release();
    await waiting;
    expect(figures()).toEqual(["b 2 2 0", "c 1 1 0"]);
  });

  test("close what is given back after their end", async () => {
    const one = await lease("a");
    (await lease("a")).release();
    pools.close();
    expect(opened.map(({ closed }) => closed)).toEqual([false, true]);
    one.release();
    expect(opened.every(({ closed }) => closed)).toBe(true);
  });
});

test("an abort that comes with the turn gives the connection back", async () => {
  const one = await lease("a", call(), 1);
  const late = call();
  const got = lease("a", late, 1);
  one.release();
  (late.signal as CallAbort).abort(new Error("late"));
  await expect(got).rejects.toThrow("late");
  expect(figures()).toEqual(["a 1 0 0"]);
});
