/**
 * Reads FlatBuffers tables from unverified bytes: every offset is checked before it is followed, so hostile
 * input costs an error, never an endless loop or a read outside the frame. (The generated getters trust their input.)
 */
import { wireError } from "./error.ts";
import { decodeText } from "./text.ts";

/**
 * Counts what decoding a frame produces. FlatBuffers let any number of fields share one string, vector or table, so the output
 * is bounded as well as the input.
 */
export class DecodeMeter {
  /** Roughly the bytes that the last decoded message holds in memory. */
  spent = 0;
  #most = 0;

  /** Decoding may produce four times a frame's bytes, and 4 KiB for a small one. */
  start(frameBytes: number): void {
    this.spent = 0;
    this.#most = Math.max(frameBytes * 4, 4 * 1024);
  }

  /** Called before decoding what it counts. */
  spend(bytes: number): void {
    if (this.spent + bytes > this.#most) {
      throw malformed("fields that share their bytes, and decode to far more than was sent");
    }
    this.spent += bytes;
  }
}

interface Frame {
  readonly bytes: Uint8Array;
  readonly meter: DecodeMeter;
}

/** A header takes at least 32 bytes of a frame, 16 with a shared name and value: four times that is enough. */
const ENTRY_BYTES = 4;
const TABLE_BYTES = 36;
const TEXT_BYTES = 12;

/** For messages whose size does not matter; shared, since decoding is never interrupted by more decoding. */
const unasked = new DecodeMeter();

export class Table {
  readonly #frame: Frame;
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableBytes: number;

  private constructor(frame: Frame, at: number) {
    const bytes = frame.bytes;
    frame.meter.spend(TABLE_BYTES);
    this.#frame = frame;
    this.#bytes = bytes;
    this.#at = at;
    this.#vtable = vtableOf(bytes, at);
    this.#vtableBytes = u16(bytes, this.#vtable);
  }

  static root(bytes: Uint8Array, meter: DecodeMeter = unasked): Table {
    meter.start(bytes.length);
    return new Table({ bytes, meter }, u32(bytes, 0));
  }

  bool(slot: number): boolean {
    const at = this.#field(slot);
    return at !== 0 && byte(this.#bytes, at) !== 0;
  }

  u8(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : byte(this.#bytes, at);
  }

  u16(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : u16(this.#bytes, at);
  }

  u32(slot: number): number {
    const at = this.#field(slot);
    return at === 0 ? 0 : u32(this.#bytes, at);
  }

  /** A 64-bit number as a JavaScript number; refuses what it cannot hold exactly. */
  u64(slot: number): number {
    const at = this.#field(slot);
    if (at === 0) return 0;
    const high = u32(this.#bytes, at + 4);
    if (high > 0x1fffff) throw malformed("a number above 2^53 - 1");
    return high * 0x1_0000_0000 + u32(this.#bytes, at);
  }

  /** A signed 64-bit number with its default; only -1 and what fits into 53 bits make sense here. */
  i64(slot: number, absent: number): number {
    const at = this.#field(slot);
    if (at === 0) return absent;
    return (u32(this.#bytes, at + 4) | 0) * 0x1_0000_0000 + u32(this.#bytes, at);
  }

  /** All 64 bits, for ids that are not ours. */
  big(slot: number): bigint {
    const at = this.#field(slot);
    if (at === 0) return 0n;
    return (BigInt(u32(this.#bytes, at + 4)) << 32n) | BigInt(u32(this.#bytes, at));
  }

  has(slot: number): boolean {
    return this.#field(slot) !== 0;
  }

  /** Absent is `""`. */
  string(slot: number): string {
    const at = this.#field(slot);
    return at === 0 ? "" : text(this.#frame, at);
  }

  required(slot: number, name: string): string {
    const at = this.#field(slot);
    if (at === 0) throw malformed(`the required field ${name} is missing`);
    return text(this.#frame, at);
  }

  /** A view into the frame, or undefined. Counted all the same, since keeping it means copying it. */
  view(slot: number, most: number = Infinity): Uint8Array | undefined {
    const at = this.#field(slot);
    if (at === 0) return undefined;
    const start = at + u32(this.#bytes, at);
    const length = u32(this.#bytes, start);
    if (length > most) throw malformed(`a vector of ${length} bytes: at most ${most} are accepted`);
    this.#frame.meter.spend(length);
    if (start + 4 + length > this.#bytes.length) {
      throw malformed("a vector that ends outside the frame");
    }
    return this.#bytes.subarray(start + 4, start + 4 + length);
  }

  table(slot: number): Table | undefined {
    const at = this.#field(slot);
    return at === 0 ? undefined : new Table(this.#frame, at + u32(this.#bytes, at));
  }

  /** Calls `read` with each table of a vector of at most `most`. */
  tables<T>(slot: number, most: number, read: (table: Table) => T): T[] {
    const frame = this.#frame;
    return this.#offsets(slot, most, (at) => read(new Table(frame, at + u32(frame.bytes, at))));
  }

  /** Two texts, both required, of each table of a vector: what `tables` would give, without an object for each. */
  pairs(slot: number, most: number, first: number, second: number): [string, string][] {
    const frame = this.#frame;
    return this.#offsets(slot, most, (at) => {
      frame.meter.spend(TABLE_BYTES);
      const table = at + u32(frame.bytes, at);
      const vtable = vtableOf(frame.bytes, table);
      return [
        requiredText(frame, table, vtable, first),
        requiredText(frame, table, vtable, second),
      ];
    });
  }

  strings(slot: number, most: number): string[] {
    const frame = this.#frame;
    return this.#offsets(slot, most, (at) => text(frame, at));
  }

  #offsets<T>(slot: number, most: number, read: (at: number) => T): T[] {
    const field = this.#field(slot);
    if (field === 0) return [];
    const start = field + u32(this.#bytes, field);
    const count = u32(this.#bytes, start);
    if (count > most) {
      throw malformed(`a vector of ${count} entries: at most ${most} are accepted`);
    }
    if (start + 4 + count * 4 > this.#bytes.length) {
      throw malformed("a vector that ends outside the frame");
    }
    this.#frame.meter.spend(count * ENTRY_BYTES);
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(read(start + 4 + i * 4));
    return items;
  }

  /** Position of a field, 0 if absent. */
  #field(slot: number): number {
    const entry = 4 + slot * 2;
    if (entry + 2 > this.#vtableBytes) return 0;
    const offset = u16(this.#bytes, this.#vtable + entry);
    return offset === 0 ? 0 : this.#at + offset;
  }
}

/** Where the vtable of the table at `at` is, all of it in the frame. */
function vtableOf(bytes: Uint8Array, at: number): number {
  const vtable = at - (u32(bytes, at) | 0);
  const size = u16(bytes, vtable);
  if (size < 4 || vtable + size > bytes.length) throw malformed("a vtable outside the frame");
  return vtable;
}

function requiredText(frame: Frame, table: number, vtable: number, slot: number): string {
  const entry = 4 + slot * 2;
  const offset = entry + 2 > u16(frame.bytes, vtable) ? 0 : u16(frame.bytes, vtable + entry);
  if (offset === 0) throw malformed("a required field is missing");
  return text(frame, table + offset);
}

function byte(bytes: Uint8Array, at: number): number {
  const value = bytes[at];
  if (value === undefined) throw malformed("a field outside the frame");
  return value;
}

function u16(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 2 > bytes.length) throw malformed("an offset outside the frame");
  return bytes[at]! | (bytes[at + 1]! << 8);
}

function u32(bytes: Uint8Array, at: number): number {
  if (at < 0 || at + 4 > bytes.length) throw malformed("an offset outside the frame");
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>>
    0;
}

function text(frame: Frame, at: number): string {
  const { bytes } = frame;
  const start = at + u32(bytes, at);
  const length = u32(bytes, start);
  if (start + 4 + length > bytes.length) throw malformed("a string that ends outside the frame");
  frame.meter.spend(TEXT_BYTES + length);
  return decodeText(bytes, start + 4, length);
}

function malformed(found: string): Error {
  return wireError("frame.malformed", `not a message of the protocol: ${found}`);
}
