import { expect, test } from "bun:test";
import { deferred } from "../../../src/core/deferred.ts";

test("is settled from outside, once", async () => {
  const { promise, resolve, reject } = deferred<number>();
  resolve(1);
  resolve(2);
  reject(new Error("late"));
  expect(await promise).toBe(1);
});

test("rejects with what it is given", async () => {
  const { promise, reject } = deferred<number>();
  reject(new Error("no"));
  await expect(promise).rejects.toThrow("no");
});
