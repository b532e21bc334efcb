/**
 * What a message of a pool consists of: `u8 kind`, `u32 big-endian number`, payload. The number counts what one side of a virtual
 * connection has sent, so that the other notices what was lost on the way and ignores what comes twice.
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
} as const;

export const PACKET_HEAD_BYTES = 5;

export interface Received {
  readonly kind: number;
  readonly number: number;
  readonly payload: Uint8Array;
}

export function packet(kind: number, number: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(PACKET_HEAD_BYTES + payload.length);
  bytes[0] = kind;
  bytes[1] = number >>> 24;
  bytes[2] = number >>> 16;
  bytes[3] = number >>> 8;
  bytes[4] = number;
  bytes.set(payload, PACKET_HEAD_BYTES);
  return bytes;
}

/** Undefined for what is too short to be one. */
export function readPacket(bytes: Uint8Array): Received | undefined {
  if (bytes.length < PACKET_HEAD_BYTES) return undefined;
  const number = (bytes[1]! << 24 | bytes[2]! << 16 | bytes[3]! << 8 | bytes[4]!) >>> 0;
  return { kind: bytes[0]!, number, payload: bytes.subarray(PACKET_HEAD_BYTES) };
}

/** How far `number` is ahead of `expected`, across the end of 32 bits: 0 is right, above 0 something is missing, below it came before. */
export function distance(number: number, expected: number): number {
  return (number - expected) | 0;
}
