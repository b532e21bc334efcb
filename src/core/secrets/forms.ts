/** The forms in which others may repeat a secret. */
import { toBase64, toHex } from "../bytes.ts";

/** Shorter secrets look like ordinary words: removing them would reveal more than leaving them in. */
const LEAST_LENGTH = 6;

const encoder = new TextEncoder();

/** Regular expressions are limited in length, so a long secret, such as a private key, is searched for in pieces. */
const PIECES = /[^]{1,96}/gu;
const MAX_PIECES = 128;

/**
 * Finds the secret itself, in hex and in base64, also as part of something longer such as `user:secret`; however each is
 * escaped, and ignoring case, which some answers change. None if the secret is too short.
 */
export function patternsOf(secret: string): RegExp[] {
  if (secret.length < LEAST_LENGTH) return [];
  return (secret.match(PIECES) ?? []).slice(0, MAX_PIECES)
    .filter(({ length }) => length >= LEAST_LENGTH).map(patternOf);
}

function patternOf(secret: string): RegExp {
  const sources = [{ text: secret, inBase64: false }];
  // Encoders work on what is in the request, which in a URL or JSON is already escaped.
  const escaped = [encodeURIComponent(secret.toWellFormed()), JSON.stringify(secret).slice(1, -1)];
  for (const sent of new Set([secret, ...escaped])) {
    const bytes = encoder.encode(sent);
    for (const text of base64Forms(bytes)) sources.push({ text, inBase64: true });
    sources.push({ text: toHex(bytes), inBase64: false });
  }
  // The whole secret in base64 comes before its parts, because it is longer.
  const all = sources.filter(({ text }) => text.length >= LEAST_LENGTH).map(({ text, inBase64 }) =>
    Array.from(text, (char) => source(char, inBase64)).join("")
  );
  return new RegExp(all.join("|"), "giu");
}

/** Base64 depends on the offset modulo three, so there are three variants, without the bits of the neighbours. */
function base64Forms(bytes: Uint8Array): string[] {
  const parts = [0, 1, 2].map((offset) => {
    const moved = new Uint8Array(offset + bytes.length);
    moved.set(bytes, offset);
    return toBase64(moved).slice(Math.ceil(offset * 8 / 6), Math.floor(moved.length * 8 / 6));
  });
  return [toBase64(bytes), ...parts];
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};
const URL_SAFE: Readonly<Record<string, string>> = { "+": "-", "/": "_" };

/**
 * One character, plain or escaped for URLs, JSON (also JSON within JSON) or HTML. Runs are bounded: an answer made
 * of backslashes alone must not cost the square of its length.
 */
function source(char: string, inBase64: boolean): string {
  if (/^\w$/.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const ways = [
    literal(char),
    toHex(encoder.encode(char)).replace(/../g, "%(?:25)?$&"),
    // Its units in UTF-16, since not every character is one.
    char.split("").map((unit) => `\\\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(
      "",
    ),
    `&#0{0,3}(?:${code}|x0{0,3}${code.toString(16)});`,
  ];
  const [slash, short] = JSON.stringify(char).slice(1, -1);
  if (slash === "\\" && short && /[bfnrt]/.test(short)) ways.push(`\\\\${short}`);
  if (ENTITIES[char]) ways.push(`&(?:amp;){0,3}${ENTITIES[char]};`);
  if (char === " ") ways.push("\\+");
  if (inBase64 && URL_SAFE[char]) ways.push(URL_SAFE[char]);
  // Padding is often omitted.
  return `(?:\\\\|%5C){0,7}(?:${ways.join("|")})${inBase64 && char === "=" ? "?" : ""}`;
}

function literal(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/, "\\$&");
}
