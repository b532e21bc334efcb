/**
 * UTF-8 for the short strings that recur in every frame: header names, methods, tenants, media types. Looking one up costs
 * a fraction of decoding or encoding it, which is where most of a small frame's time would go.
 */
const decoder = new TextDecoder();

const SLOTS = 512;
const MAX_BYTES = 32;

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Direct-mapped: a newer string replaces the one in its slot, so the size never grows. */
const decoded: (Known | undefined)[] = new Array<Known | undefined>(SLOTS);

export function decodeText(bytes: Uint8Array, start: number, length: number): string {
  if (length === 0) return "";
  if (length > MAX_BYTES) return decoder.decode(bytes.subarray(start, start + length));
  const slot = (length * 31 + bytes[start]! * 7 + bytes[start + (length >> 1)]! * 13 +
    bytes[start + length - 1]! * 3) % SLOTS;
  const known = decoded[slot];
  if (known !== undefined && matches(known.bytes, bytes, start, length)) return known.text;
  const own = bytes.slice(start, start + length);
  const text = decoder.decode(own);
  decoded[slot] = { bytes: own, text };
  return text;
}

function matches(known: Uint8Array, bytes: Uint8Array, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (known[i] !== bytes[start + i]) return false;
  }
  return true;
}
