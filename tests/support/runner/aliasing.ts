/** Payloads whose tables, strings and vectors refer to one another as no encoder writes them, but as FlatBuffers allow it. */
import fc from "fast-check";
import { Builder } from "flatbuffers";

export type TableName =
  | "KeyValue"
  | "RetryCondition"
  | "RetryWait"
  | "RetryPolicy"
  | "RateLimitPolicy"
  | "CallError"
  | "ExecuteRequest"
  | "ExecuteResponse"
  | "HealthResponse"
  | "CreditUpdate"
  | "Hello"
  | "Welcome"
  | "GoAway"
  | "CallStart"
  | "CallHead"
  | "Data"
  | "End"
  | "Cancel";

/** `s` text, `b` bytes, a number its bits, another name a table of that name; in brackets, a vector of them. In slot order. */
const TABLES: Record<TableName, readonly string[]> = {
  KeyValue: ["s", "s"],
  RetryCondition: ["8", "16", "16"],
  RetryWait: ["s", "b", "32", "32"],
  RetryPolicy: ["16", "[RetryCondition]", "8", "64", "[RetryWait]"],
  RateLimitPolicy: ["32", "32", "32", "s", "s", "s", "b"],
  CallError: ["8", "s", "s", "8", "8", "16", "64", "16", "s"],
  ExecuteRequest: ["64", "s", "s", "s", "s", "s", "64", "b", "[KeyValue]"],
  ExecuteResponse: ["64", "8", "s", "b", "64"],
  HealthResponse: ["8", "s", "32", "32"],
  CreditUpdate: ["32", "32", "64"],
  Hello: ["16", "64", "32", "s", "s", "32", "32"],
  Welcome: ["16", "64", "32", "s", "32", "32", "32"],
  GoAway: ["s", "s"],
  CallStart: [
    ...["64", "s", "s", "s", "s", "s", "s", "s", "[KeyValue]", "b", "8", "32", "s", "s"],
    ...["32", "32", "32", "8", "[s]", "16", "RetryPolicy", "RateLimitPolicy"],
  ],
  CallHead: ["64", "16", "[KeyValue]", "b", "8", "16", "64", "s", "s"],
  Data: ["64", "b"],
  End: ["64", "[KeyValue]", "CallError"],
  Cancel: ["64"],
};

/** Where everything that is not a number comes from: few objects, each referred to many times. */
interface Recipe {
  readonly texts: readonly number[];
  readonly bytes: readonly number[];
  /** Lengths of vectors and what else is chosen, taken in turn. */
  readonly choices: readonly number[];
  /** Fields that are left out, one in so many; 0: none. */
  readonly sparse: number;
}

/** Half of them small enough to be sound. */
export const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  recipeOf(fc.nat(6)),
  recipeOf(fc.oneof(fc.nat(8), fc.nat(60), fc.nat(3000))),
);

function recipeOf(length: fc.Arbitrary<number>): fc.Arbitrary<Recipe> {
  return fc.record({
    texts: fc.array(length, { minLength: 1, maxLength: 4 }),
    bytes: fc.array(length, { minLength: 1, maxLength: 3 }),
    choices: fc.array(length, { minLength: 4, maxLength: 30 }),
    sparse: fc.constantFrom(0, 0, 2, 5),
  });
}

export function aliasing(name: TableName, from: Recipe): Uint8Array {
  const b = new Builder();
  let turn = 0;
  const choice = () => from.choices[turn++ % from.choices.length]!;
  const text = from.texts.map((size) => b.createString("x".repeat(size)));
  const bytes = from.bytes.map((size) => b.createByteVector(new Uint8Array(size).fill(1)));
  const made = new Map<string, number>();
  const one = (of: readonly number[]) => of[choice() % of.length]!;

  function offset(kind: string): number {
    if (kind === "s") return one(text);
    if (kind === "b") return one(bytes);
    // Usually what was written before.
    const known = made.get(kind);
    if (known !== undefined && choice() % 3 > 0) return known;
    const at = kind.startsWith("[") ? vector(kind.slice(1, -1)) : table(kind as TableName);
    made.set(kind, at);
    return at;
  }

  function vector(kind: string): number {
    const entries = [offset(kind), offset(kind)];
    const count = choice();
    b.startVector(4, count, 4);
    for (let i = 0; i < count; i++) b.addOffset(entries[i % 2]!);
    return b.endVector();
  }

  function table(kind: TableName): number {
    const slots = TABLES[kind].map((field) => Number(field) > 0 ? 0 : offset(field));
    b.startObject(slots.length);
    for (const [slot, field] of TABLES[kind].entries()) {
      if (from.sparse > 0 && choice() % from.sparse === 0) continue;
      if (field === "8") b.addFieldInt8(slot, choice() % 8, 0);
      else if (field === "16") b.addFieldInt16(slot, choice(), 0);
      else if (field === "32") b.addFieldInt32(slot, choice(), 0);
      else if (field === "64") b.addFieldInt64(slot, BigInt(choice()), 0n);
      else b.addFieldOffset(slot, slots[slot]!, 0);
    }
    return b.endObject();
  }

  b.finish(table(name));
  return b.asUint8Array().slice();
}

/** A CallStart whose `waits` entries of `retry.wait` are one table, with as many formats: their product is what it asks for. */
export function manyWaits(waits: number): Uint8Array {
  const b = new Builder(waits * 6);
  const text = b.createString("http://upstream.test/");
  const header = b.createString("a");
  const formats = b.createByteVector(new Uint8Array(waits).fill(1));
  b.startObject(TABLES.RetryWait.length);
  b.addFieldOffset(0, header, 0);
  b.addFieldOffset(1, formats, 0);
  const wait = b.endObject();
  b.startVector(4, waits, 4);
  for (let i = 0; i < waits; i++) b.addOffset(wait);
  const vector = b.endVector();
  b.startObject(TABLES.RetryPolicy.length);
  b.addFieldOffset(4, vector, 0);
  const retry = b.endObject();
  return callStart(b, text, 20, retry);
}

/** A CallStart whose `count` headers are one, without name and value. */
export function manyHeaders(count: number): Uint8Array {
  const b = new Builder(count * 4 + 1024);
  const text = b.createString("");
  b.startObject(2);
  b.addFieldOffset(0, text, 0);
  b.addFieldOffset(1, text, 0);
  const header = b.endObject();
  b.startVector(4, count, 4);
  for (let i = 0; i < count; i++) b.addOffset(header);
  return callStart(b, text, 8, b.endVector());
}

function callStart(b: Builder, text: number, slot: number, at: number): Uint8Array {
  b.startObject(TABLES.CallStart.length);
  b.addFieldInt64(0, 1n, 0n);
  b.addFieldOffset(6, text, 0);
  b.addFieldOffset(7, text, 0);
  b.addFieldOffset(slot, at, 0);
  b.finish(b.endObject());
  return b.asUint8Array().slice();
}
