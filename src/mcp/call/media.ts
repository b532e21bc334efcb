/** Bytes that a model can look at or listen to, told by how they begin. */

export interface Media {
  readonly type: "image" | "audio";
  readonly data: string;
  readonly mimeType: string;
}

/** As text, larger than this no client passes it to a model. */
const MAX_BYTES = 4 << 20;

const BEGINNINGS: readonly (readonly [type: Media["type"], mimeType: string, begins: RegExp])[] = [
  ["image", "image/png", /^\x89PNG\r\n\x1a\n/],
  ["image", "image/jpeg", /^\xff\xd8\xff/],
  ["image", "image/gif", /^GIF8[79]a/],
  ["image", "image/webp", /^RIFF[^]{4}WEBP/],
  ["audio", "audio/wav", /^RIFF[^]{4}WAVE/],
  ["audio", "audio/mpeg", /^(?:ID3|\xff[\xfb\xf3\xf2])/],
  ["audio", "audio/ogg", /^OggS/],
  ["audio", "audio/flac", /^fLaC/],
];

/** `data` is the bytes in base64. */
export function mediaOf(bytes: Uint8Array, data: string): Media | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  const [type, mimeType] = BEGINNINGS.find(([, , begins]) => begins.test(head)) ?? [];
  return type === undefined || mimeType === undefined ? undefined : { type, data, mimeType };
}
