/**
 * What a message of a pool consists of: `u8 kind`, `u32 stream`, `u32 number`, payload; big-endian. The stream is chosen by the member that
 * accepts a connection, so that another that was asked, too, is not taken for it; 0 in an Open. The number counts what one side has
 * sent, so that the other notices what was lost on the way and ignores what comes twice; a Beat has the number of what comes next.
 */

export const Packet = {
  /** A client opens a connection; the payload is the first of its bytes. */
  Open: 1,
  /** A member has taken it. The payload says who, as JSON; the message's reply is where to send. */
  Accept: 2,
  /** Bytes of the stream. */
  Data: 3,
  /** The sender is there. From a member, how it is, as JSON. */
  Beat: 4,
  /** The sender has left. */
  End: 5,
  /** The answer to a Beat of a connection that the sender does not have, or has no more. Without a number. */
  Unknown: 6,
} as const;

const NO_BYTES = new Uint8Array(0);

/** What is said to a Beat that nobody here expects: what was said before may have been lost. */
export function unknown({ stream }: Received): Uint8Array {
  return packet(Packet.Unknown, stream, 0, NO_BYTES);
}

export const PACKET_HEAD_BYTES = 9;

export interface Received {
  readonly kind: number;
  readonly stream: number;
  readonly number: number;
  readonly payload: Uint8Array;
}

export function packet(
  kind: number,
  stream: number,
  number: number,
  payload: Uint8Array,
): Uint8Array {
  const bytes = new Uint8Array(PACKET_HEAD_BYTES + payload.length);
  bytes[0] = kind;
  write32(bytes, 1, stream);
  write32(bytes, 5, number);
  bytes.set(payload, PACKET_HEAD_BYTES);
  return bytes;
}

/** Undefined for what is too short to be one. */
export function readPacket(bytes: Uint8Array): Received | undefined {
  if (bytes.length < PACKET_HEAD_BYTES) return undefined;
  return {
    kind: bytes[0]!,
    stream: read32(bytes, 1),
    number: read32(bytes, 5),
    payload: bytes.subarray(PACKET_HEAD_BYTES),
  };
}

function write32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!) >>> 0;
}

/** How far `number` is ahead of `expected`, across the end of 32 bits: 0 is right, above 0 something is missing, below it came before. */
export function distance(number: number, expected: number): number {
  return (number - expected) | 0;
}
