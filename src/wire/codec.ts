/** A message on the wire: its type byte, and how its payload is written and read. */
import type { Builder } from "./builder.ts";
import { KeyValue } from "./gen/key_value.ts";
import { KeyValueSlots } from "./gen/slots.ts";
import type { HeaderList } from "../core/call.ts";
import { LONGEST_MS } from "../core/clock.ts";
import { checkCount, MAX_HEADERS } from "./limits.ts";
import type { DecodeMeter, Table } from "./table.ts";

export interface Codec<M> {
  readonly type: number;
  /** Writes the payload and finishes the builder. */
  encode(builder: Builder, message: M): void;
  /**
   * Throws `frame.malformed`. Byte vectors are views into `payload`: copy what must be kept. `meter` counts what the message
   * holds, for whoever keeps it.
   */
  decode(payload: Uint8Array, meter?: DecodeMeter): M;
}

/** 0 means an absent offset, which FlatBuffers leaves out. */
export function writeString(builder: Builder, value: string): number {
  return value === "" ? 0 : builder.createString(value);
}

export function writeBytes(builder: Builder, value: Uint8Array): number {
  return value.length === 0 ? 0 : builder.createByteVector(value);
}

/** `offsets` of tables or strings, in order. An empty vector is left out, unless that would change the meaning. */
export function writeOffsets(
  builder: Builder,
  offsets: readonly number[],
  keepEmpty = false,
): number {
  if (offsets.length === 0 && !keepEmpty) return 0;
  builder.startVector(4, offsets.length, 4);
  for (let i = offsets.length - 1; i >= 0; i--) builder.addOffset(offsets[i]!);
  return builder.endVector();
}

export function writeHeaders(builder: Builder, headers: HeaderList): number {
  checkCount(headers.length, MAX_HEADERS);
  const offsets: number[] = [];
  for (let i = 0; i < headers.length; i++) {
    const [name, value] = headers[i] as HeaderList[number];
    const key = builder.createString(name);
    offsets.push(KeyValue.createKeyValue(builder, key, builder.createString(value)));
  }
  return writeOffsets(builder, offsets);
}

export function readHeaders(table: Table, slot: number): HeaderList {
  return table.pairs(slot, MAX_HEADERS, KeyValueSlots.key, KeyValueSlots.value);
}

/** A 64-bit field from a number, without a BigInt; left out if 0, as in generated code. */
export function addU64(builder: Builder, slot: number, value: number): void {
  if (value === 0) return;
  builder.prep(8, 0);
  builder.writeInt32(Math.floor(value / 0x1_0000_0000));
  builder.writeInt32(value | 0);
  builder.slot(slot);
}

/** Milliseconds for a 32-bit field whose default is 0: never less than was meant, never more than a timer takes. */
export function wireMs(ms: number): number {
  return Math.min(Math.ceil(ms), LONGEST_MS);
}

export function readMs(table: Table, slot: number): number {
  return Math.min(table.u32(slot), LONGEST_MS);
}

export const NO_BYTES: Uint8Array = new Uint8Array(0);
