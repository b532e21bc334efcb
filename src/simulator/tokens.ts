/** Tokens roughly as a model would count and emit them, but the same on every run and machine. */

/** Characters per simulated token. */
const TOKEN_LENGTH = 4;

/** How many tokens a text counts as: one per four characters, rounded up. */
export function countTokens(text: string): number {
  return Math.ceil([...text].length / TOKEN_LENGTH);
}

/** The first `tokens` tokens of a text. */
export function limitTokens(text: string, tokens: number): string {
  return [...text].slice(0, tokens * TOKEN_LENGTH).join("");
}

/**
 * Splits a text into the pieces to stream. `"word"`: one word with the space before it; a number: that many
 * characters (code points, so an emoji is never cut in half). Joined, the pieces are the text.
 */
export function splitChunks(text: string, size: "word" | number): string[] {
  if (size === "word") return text.match(/\s*\S+(?:\s+$)?|\s+$/gu) ?? [];
  const points = [...text];
  const chunks: string[] = [];
  for (let at = 0; at < points.length; at += size) {
    chunks.push(points.slice(at, at + size).join(""));
  }
  return chunks;
}

/** FNV-1a over UTF-16 units, for ids and vectors that depend only on the input. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return value;
}

/** `hash` as 16 hex digits, for ids. */
export function hashId(text: string): string {
  const half = (salt: string) => hash(salt + text).toString(16).padStart(8, "0");
  return half("a") + half("b");
}
