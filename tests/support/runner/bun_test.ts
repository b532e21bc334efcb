/**
 * The part of `bun:test` that the tests use, over `node:test`, npm `expect` and `jest-mock`. deno.json maps
 * `bun:test` to this module, so that the same files run on Deno. Left out on purpose, because nothing else has them:
 * `mock.module`, snapshots, fake timers and Bun's own matchers.
 */
import { Buffer } from "node:buffer";
import * as nodeTest from "node:test";
import { expect } from "expect";
import { fn, spyOn as jestSpyOn } from "jest-mock";
import { TEST_MS } from "./limits.ts";

/** The library walks through arrays as through objects: a second for each megabyte. What differs is left to it. */
function sameBytes(a: unknown, b: unknown): true | undefined {
  if (!(a instanceof Uint8Array) || !(b instanceof Uint8Array)) return undefined;
  return a.constructor === b.constructor && Buffer.compare(a, b) === 0 ? true : undefined;
}
expect.addEqualityTesters([sameBytes]);

export { expect };

type Row = readonly unknown[];
type Body<Args extends Row = []> = (...args: Args) => unknown;
type Timeout = number | { readonly timeout?: number };

interface Registrar {
  (name: string, body: Body, timeout?: Timeout): void;
  only(name: string, body: Body, timeout?: Timeout): void;
  skip(name: string, body?: Body, timeout?: Timeout): void;
  todo(name: string, body?: Body, timeout?: Timeout): void;
  if(condition: boolean): Plain;
  skipIf(condition: boolean): Plain;
  each<T>(rows: readonly T[]): (
    name: string,
    body: (...args: T extends Row ? T : [T]) => unknown,
    timeout?: Timeout,
  ) => void;
}
type Plain = (name: string, body: Body, timeout?: Timeout) => void;

interface NodeOptions {
  timeout?: number;
  skip?: boolean;
  only?: boolean;
  todo?: boolean;
}
type NodeRegistrar = (
  name: string,
  options: NodeOptions,
  body: () => void | Promise<void>,
) => unknown;

function milliseconds(timeout: Timeout | undefined): number {
  const given = typeof timeout === "number" ? timeout : timeout?.timeout;
  return given ?? TEST_MS;
}

/** `%s %d %i %f %j %o %p %#` and `$key` as Bun and Jest replace them. */
function title(template: string, row: unknown, index: number): string {
  const args: unknown[] = Array.isArray(row) ? [...row] : [row];
  const text = template.replace(/%([sdifjop#%])/g, (whole, kind: string) => {
    if (kind === "%") return "%";
    if (kind === "#") return String(index);
    if (args.length === 0) return whole;
    const value = args.shift();
    return kind === "j" || kind === "o" || kind === "p" ? JSON.stringify(value) : String(value);
  });
  if (typeof row !== "object" || row === null) return text;
  return text.replace(/\$([A-Za-z_]\w*)/g, (whole, key: string) => {
    const value: unknown = Reflect.get(row, key);
    return value === undefined ? whole : String(value);
  });
}

function registrar(register: NodeRegistrar, suite: boolean): Registrar {
  const add = (
    name: string,
    body: Body | undefined,
    timeout: Timeout | undefined,
    extra: NodeOptions,
  ): void => {
    // A suite has no time limit of its own: its tests have theirs. Without arguments of its own, node:test would
    // take a body with two parameters for one with a callback.
    const limit = suite ? {} : { timeout: milliseconds(timeout) };
    soon(() => {
      void register(name, { ...limit, ...extra }, async () => {
        const result = body?.();
        if (!suite) await result;
      });
    });
  };
  const plain: Plain = (name, body, timeout) => add(name, body, timeout, {});
  const skip: Registrar["skip"] = (name, body, timeout) => add(name, body, timeout, { skip: true });
  return Object.assign(plain, {
    skip,
    only: (name: string, body: Body, timeout?: Timeout) => add(name, body, timeout, { only: true }),
    todo: (name: string, body?: Body, timeout?: Timeout) =>
      add(name, body, timeout, { skip: true }),
    if: (condition: boolean): Plain => condition ? plain : skip,
    skipIf: (condition: boolean): Plain => condition ? skip : plain,
    each: <T>(rows: readonly T[]) =>
    (
      name: string,
      body: (...args: T extends Row ? T : [T]) => unknown,
      timeout?: Timeout,
    ) => {
      rows.forEach((row, index) => {
        const args = (Array.isArray(row) ? row : [row]) as T extends Row ? T : [T];
        plain(title(name, row, index), () => body(...args), timeout);
      });
    },
  });
}

export const describe: Registrar = registrar(nodeTest.describe, true);
export const test: Registrar = registrar(nodeTest.test, false);
export const it: Registrar = test;

/** What a file registers while it is loaded; undefined otherwise. */
let collected: (() => void)[] | undefined;

/** Loads a file, and gives what it registers instead of registering it. */
export async function collect(load: () => Promise<unknown>): Promise<readonly (() => void)[]> {
  const own: (() => void)[] = [];
  collected = own;
  try {
    await load();
  } finally {
    collected = undefined;
  }
  return own;
}

function soon(register: () => void): void {
  if (collected === undefined) register();
  else collected.push(register);
}

type Hook = (body: () => unknown, timeout?: Timeout) => void;
type NodeHook = (body: () => Promise<void>, options: { timeout: number }) => void;

function hook(register: NodeHook): Hook {
  return (body, timeout) =>
    soon(() =>
      register(async () => {
        await body();
      }, { timeout: milliseconds(timeout) })
    );
}

export const beforeAll: Hook = hook(nodeTest.before);
export const afterAll: Hook = hook(nodeTest.after);
export const beforeEach: Hook = hook(nodeTest.beforeEach);
export const afterEach: Hook = hook(nodeTest.afterEach);

export const mock: typeof fn = fn;
export const spyOn: typeof jestSpyOn = jestSpyOn;
